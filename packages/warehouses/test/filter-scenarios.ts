import {
  FILTER_OPERATORS,
  type Filter,
  FilterError,
  leafProperties,
  type ObjectType,
  type Property,
  parseFilter,
  type Type,
  type Value,
} from '@penstock/language';
import fc from 'fast-check';
import type { LeafRow } from './filter-table.js';

/** A schema, rows of its leaves, and filters of one kind of nothing: null, or missing. */
export interface FilterScenario {
  readonly schema: ObjectType;
  readonly rows: readonly LeafRow[];
  readonly filters: readonly { readonly filter: Filter; readonly nullIs: 'null' | 'missing' }[];
}

interface Sample {
  readonly type: Type;
  /** Values, of which some are close to others. */
  readonly values: fc.Arbitrary<Value>;
}

/** Characters that UTF-16 and most languages put into another order than their bytes. */
const text = fc.string({ unit: fc.constantFrom('a', 'B', 'é', ' ', '%', '_', '\\', '\uff5e', '😀'), maxLength: 3 });
const fraction = fc.constantFrom('', '.5', '.123456', '.1234567', '.999999999', '.000001');
const clock = fc.tuple(fc.constantFrom('00:00:00', '10:20:30', '23:59:59'), fraction).map((parts) => parts.join(''));
const day = fc.constantFrom('0001-01-01', '1999-12-31', '2000-02-29', '2024-01-02', '9999-12-31');

function integers(bits: bigint, unsigned: boolean): fc.Arbitrary<Value> {
  const maximum = 2n ** (unsigned ? bits : bits - 1n) - 1n;
  const minimum = unsigned ? 0n : -maximum - 1n;
  const near = [minimum, minimum + 1n, 0n, 1n, 7n, maximum - 1n, maximum];
  return fc
    .oneof(fc.constantFrom(...near), fc.bigInt({ min: minimum, max: maximum }))
    .map((value) => (bits === 64n ? String(value) : Number(value)));
}

const SAMPLES: readonly Sample[] = [
  { type: { kind: 'string' }, values: text },
  { type: { kind: 'string', maxLength: 3 }, values: text.map((value) => [...value].slice(0, 3).join('')) },
  { type: { kind: 'string', values: ['', 'a', 'é'] }, values: fc.constantFrom('', 'a', 'é') },
  { type: { kind: 'boolean' }, values: fc.boolean() },
  ...([8, 16, 24, 32, 64] as const).flatMap((bitSize) => [
    { type: { kind: 'int', bitSize } as const, values: integers(BigInt(bitSize), false) },
    { type: { kind: 'int', bitSize, unsigned: true } as const, values: integers(BigInt(bitSize), true) },
  ]),
  {
    type: { kind: 'float', bitSize: 64 },
    values: fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, 0.1, 1e21, 5e-324)),
  },
  {
    type: { kind: 'float', bitSize: 32 },
    values: fc.oneof(fc.float(), fc.constantFrom(Number.NaN, -Infinity, 0, Math.fround(0.1), Math.fround(1e10))),
  },
  {
    type: { kind: 'decimal', precision: 40, scale: 3 },
    values: fc.oneof(
      fc.constantFrom('0', '-0.001', '1.5', '1.50', '-1.5', '15', '9007199254740993', '9007199254740993.001'),
      fc.bigInt({ min: -(10n ** 36n), max: 10n ** 36n }).map(String),
    ),
  },
  { type: { kind: 'datetime' }, values: fc.tuple(day, clock).map((parts) => parts.join(' ')) },
  { type: { kind: 'date' }, values: day },
  { type: { kind: 'time' }, values: clock },
  { type: { kind: 'year' }, values: fc.integer({ min: 1, max: 9999 }) },
  { type: { kind: 'uuid' }, values: fc.uuid() },
  {
    type: { kind: 'ip' },
    values: fc.constantFrom('1.2.3.4', '::ffff:1.2.3.4', '10.0.0.1', '::1', '::', '2001:db8::1:0', 'fe80::1'),
  },
];

const JSON_ELEMENTS = fc.constantFrom('1', '1.0', '"1"', '10e-1', 'null', 'true', '"a"', '[1]', '{"a":1}', '1e400');

/** Kinds of elements that arrays have, and that a condition can look for. */
const COMPOSITES: readonly Sample[] = [
  ...[...SAMPLES, { type: { kind: 'json' } as const, values: JSON_ELEMENTS }].map(({ type, values }) => ({
    type: { kind: 'array', elementType: type } as const,
    values: fc.array(type.kind === 'json' ? values : fc.option(values), { maxLength: 3 }),
  })),
  {
    type: { kind: 'array', elementType: { kind: 'array', elementType: { kind: 'string' } } },
    values: fc.constantFrom([], [[]], [['a'], []]),
  },
  {
    type: { kind: 'map', elementType: { kind: 'int', bitSize: 32 } },
    values: fc.dictionary(text, fc.integer({ min: 0, max: 3 }), { maxKeys: 2 }),
  },
];

/** Values that no column of some kinds can hold, or that are between two of them. */
const OTHER_OPERANDS = [
  '-9223372036854775808',
  '9223372036854775807',
  '18446744073709551615',
  '0.00005',
  '1e-400',
  '10:20:30.1234561',
  '2024-01-02T23:59:59.9999999',
  '2000-02-29T10:20:30.1234567+00:00',
  '::1%eth0',
  '2024',
  'a',
  '%',
  '\\',
];

const property = (name: string, type: Type): Property => {
  return { name, type, nullable: true, readOptional: true, description: '' };
};

const samples = fc.array(
  fc.oneof({ arbitrary: fc.constantFrom(...SAMPLES), weight: 2 }, fc.constantFrom(...COMPOSITES)),
  {
    minLength: 2,
    maxLength: 6,
  },
);

/** Schemas of any kinds but json, the last two properties within an object; their rows; and filters that exports accept. */
export const filterScenario: fc.Arbitrary<FilterScenario> = samples.chain((columns) => {
  const properties = columns.map(({ type }, index) => property(`c${index}`, type));
  const inner: Type = {
    kind: 'object',
    properties: [properties.at(-2), properties.at(-1)].flatMap((leaf) => leaf ?? []),
  };
  const schema: ObjectType = { kind: 'object', properties: [...properties.slice(0, -2), property('o', inner)] };
  const row = fc.tuple(...columns.map(({ values }) => fc.option(values, { freq: 6 })));
  return fc.array(row, { minLength: 6, maxLength: 16 }).chain((rows) =>
    fc.array(filterOf(schema, rows), { minLength: 8, maxLength: 24 }).map((filters) => {
      return { schema, rows, filters: filters.flatMap((filter) => filter ?? []) };
    }),
  );
});

type FilterWithNulls = FilterScenario['filters'][number];

/** Undefined where the conditions are none that an export accepts. */
function filterOf(schema: ObjectType, rows: readonly LeafRow[]): fc.Arbitrary<FilterWithNulls | undefined> {
  const conditions = fc.array(conditionOf(schema, rows), { minLength: 3, maxLength: 12 });
  return fc
    .tuple(conditions, fc.constantFrom('and', 'or'), fc.integer({ min: 1, max: 4 }))
    .map(([all, logical, count]) => {
      const valid = all.filter(
        (condition) => parsed({ logical: 'and', conditions: [condition] }, schema) !== undefined,
      );
      const filter = parsed({ logical, conditions: valid.slice(0, count) }, schema);
      if (filter === undefined) return undefined;
      const asks = (family: RegExp) => filter.conditions.some(({ operator }) => family.test(operator));
      if (asks(/null$/) && asks(/exist/)) return undefined;
      return { filter, nullIs: asks(/exist/) ? ('missing' as const) : ('null' as const) };
    });
}

function parsed(json: unknown, schema: ObjectType): Filter | undefined {
  try {
    return parseFilter(json, schema, 'export');
  } catch (error) {
    if (error instanceof FilterError) return undefined;
    throw error;
  }
}

function conditionOf(schema: ObjectType, rows: readonly LeafRow[]): fc.Arbitrary<unknown> {
  const leaf = fc.constantFrom(...leafProperties(schema).entries());
  return fc.tuple(leaf, fc.constantFrom(...FILTER_OPERATORS)).chain(([[index, { path }], operator]) => {
    const present = rows.flatMap((row) => operandTexts(row[index] ?? null));
    const value =
      present.length === 0 ? others : fc.oneof({ arbitrary: fc.constantFrom(...present), weight: 4 }, others);
    const count = { 'is between': 2, 'is not between': 2, 'is one of': 3, 'is not one of': 2 }[operator as string] ?? 1;
    const values = hasValues(operator)
      ? fc.array(value, { minLength: count, maxLength: count })
      : fc.constant(undefined);
    return values.map((texts) => ({ property: path, operator, values: texts }));
  });
}

const others = fc.constantFrom(...OTHER_OPERANDS);

function hasValues(operator: string): boolean {
  return !/(?:true|false|empty|null|exists?)$/.test(operator);
}

/** Texts of a value, of its elements, and of parts of it. */
function operandTexts(value: Value): string[] {
  if (Array.isArray(value)) return value.flatMap((element: Value) => operandTexts(element));
  if (value === null || typeof value === 'object') return [];
  const whole = String(value);
  const characters = [...whole];
  return [whole, characters.slice(1).join(''), characters.slice(0, -1).join('')].filter((part) => part !== '');
}
