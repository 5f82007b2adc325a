import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DestinationColumn, DestinationRow } from '@penstock/engine';
import type { Type, Value } from '@penstock/language';
import fc from 'fast-check';
import type { FileWriterFormat } from '../src/files/file-format.js';

/** What a format makes of batches of rows. */
export async function written(
  format: FileWriterFormat,
  columns: readonly DestinationColumn[],
  batches: readonly (readonly DestinationRow[])[],
): Promise<Buffer> {
  const out = new PassThrough();
  const collected = buffer(out);
  const writer = format.open(out, { sheet: null, columns });
  for (const batch of batches) await writer.write(batch);
  await writer.end();
  out.end();
  return await collected;
}

const text = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '"',
    ',',
    ';',
    '\n',
    '\r\n',
    '\r',
    'a"b',
    '"a"',
    ' a ',
    '=1+1',
    '\u2028',
    'é日👩',
    '\\',
    '\t',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const two = (max: number) => fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, '0'));
const date = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const fraction = fc.constantFrom('', '.5', '.123456', '.000000001');
const time = fc.tuple(two(23), two(59), two(59), fraction).map(([h, m, s, f]) => `${h}:${m}:${s}${f}`);
const scalarJson = fc.jsonValue({ maxDepth: 2, noUnicodeString: false }).map((value) => JSON.stringify(value, null, 1));

/** Types with values of them, in canonical form. */
export const COLUMNS: readonly { readonly type: Type; readonly value: fc.Arbitrary<Value> }[] = [
  { type: { kind: 'string' }, value: text },
  { type: { kind: 'boolean' }, value: fc.boolean() },
  { type: { kind: 'int', bitSize: 32 }, value: fc.integer() },
  { type: { kind: 'int', bitSize: 64 }, value: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String) },
  {
    type: { kind: 'float', bitSize: 64 },
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((f) => f + 0),
  },
  {
    type: { kind: 'float', bitSize: 32 },
    value: fc.float({ noNaN: true, noDefaultInfinity: true }).map((f) => Math.fround(f) + 0),
  },
  {
    type: { kind: 'decimal', precision: 40, scale: 10 },
    value: fc.constantFrom('0', '-1.5', '12345678901234567890.0123456789'),
  },
  { type: { kind: 'year' }, value: fc.integer({ min: 1, max: 9999 }) },
  { type: { kind: 'uuid' }, value: fc.uuid() },
  { type: { kind: 'ip' }, value: fc.constantFrom('127.0.0.1', '2001:db8::1') },
  { type: { kind: 'date' }, value: date },
  { type: { kind: 'time' }, value: time },
  { type: { kind: 'datetime' }, value: fc.tuple(date, time).map(([d, t]) => `${d} ${t}`) },
  { type: { kind: 'json' }, value: scalarJson },
  { type: { kind: 'array', elementType: { kind: 'string' } }, value: fc.array(text, { maxLength: 3 }) },
  {
    type: { kind: 'map', elementType: { kind: 'int', bitSize: 32 } },
    value: fc.dictionary(text, fc.integer(), { maxKeys: 3 }),
  },
  {
    type: {
      kind: 'object',
      properties: [
        { name: 'city', type: { kind: 'string' }, description: '' },
        { name: 'big', type: { kind: 'int', bitSize: 64 }, description: '' },
      ],
    },
    value: fc.record({ city: text, big: fc.bigInt(0n, 2n ** 63n - 1n).map(String) }, { requiredKeys: [] }),
  },
];

/** Some of these columns, with batches of rows. */
export const tables: fc.Arbitrary<{
  readonly columns: readonly DestinationColumn[];
  readonly batches: readonly (readonly DestinationRow[])[];
}> = fc.uniqueArray(fc.nat(COLUMNS.length - 1), { minLength: 1, maxLength: 6 }).chain((chosen) => {
  const members = chosen.map((index) => COLUMNS[index] as (typeof COLUMNS)[number]);
  const columns = members.map(({ type }, index) => ({ name: `c${index}`, type }));
  const row = fc.tuple(...members.map(({ value }) => fc.option(value, { nil: null, freq: 4 })));
  return fc.array(fc.array(row, { maxLength: 5 }), { maxLength: 3 }).map((batches) => ({ columns, batches }));
});
