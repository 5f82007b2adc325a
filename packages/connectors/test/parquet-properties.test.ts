import type { RawField } from '@penstock/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parquet } from '../src/parquet/parquet.js';
import { contentInMemory, written } from './parquet-files.js';
import { readFile } from './read-format.js';

const format = parquet.open({});

type Element = NonNullable<Parameters<typeof written>[0]['schema']>[number];
type Encoding = 'DELTA_BINARY_PACKED' | 'DELTA_BYTE_ARRAY' | 'DELTA_LENGTH_BYTE_ARRAY' | 'BYTE_STREAM_SPLIT' | 'PLAIN';

/** A kind of column: how it is written, values of it, and what they are in Penstock. */
interface Kind {
  readonly element: Omit<Element, 'name'>;
  readonly values: fc.Arbitrary<unknown>;
  readonly canonical: (value: never) => RawField;
  readonly encodings: readonly Encoding[];
}

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const fewTexts = fc.constantFrom('a', 'b', 'ünï', '', 'a long one that is repeated again and again');

const KINDS: readonly Kind[] = [
  {
    element: { type: 'INT32' },
    values: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    canonical: (value: number) => value,
    encodings: ['PLAIN', 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT'],
  },
  {
    element: { type: 'INT64' },
    values: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 100n })),
    canonical: (value: bigint) => value.toString(),
    encodings: ['PLAIN', 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT'],
  },
  {
    element: { type: 'DOUBLE' },
    values: fc.double(),
    canonical: (value: number) => value,
    encodings: ['PLAIN', 'BYTE_STREAM_SPLIT'],
  },
  { element: { type: 'BOOLEAN' }, values: fc.boolean(), canonical: (value: boolean) => value, encodings: ['PLAIN'] },
  {
    element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    values: fc.oneof(text, fewTexts),
    canonical: (value: string) => value,
    encodings: ['PLAIN', 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY'],
  },
  {
    element: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } },
    values: fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    canonical: (value: Date) => {
      const fraction = String(1000 + value.getUTCMilliseconds())
        .slice(1)
        .replace(/0+$/, '');
      return value.toISOString().slice(0, 19).replace('T', ' ') + (fraction === '' ? '' : `.${fraction}`);
    },
    encodings: ['PLAIN', 'DELTA_BINARY_PACKED'],
  },
  {
    element: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL', precision: 38, scale: 9 },
    values: fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
    canonical: (value: bigint) => {
      const digits = (value < 0n ? -value : value).toString().padStart(10, '0');
      return `${value < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
    },
    encodings: ['PLAIN'],
  },
  {
    element: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } },
    values: fc.uuid(),
    canonical: (value: string) => value,
    encodings: ['PLAIN'],
  },
];

const column = fc.constantFrom(...KINDS).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    encoding: fc.constantFrom(undefined, ...kind.encodings),
    optional: fc.boolean(),
    pool: fc.array(kind.values, { minLength: 1, maxLength: 30 }),
    nulls: fc.integer({ min: 1, max: 9 }),
  }),
);

describe('Random tables', () => {
  it('come back from Parquet as canonical values', async () => {
    const table = fc.record({
      columns: fc.array(column, { minLength: 1, maxLength: 5 }),
      count: fc.integer({ min: 0, max: 900 }),
      pageSize: fc.constantFrom(64, 1000, 100_000),
      rowGroupSize: fc.constantFrom(7, 600, 100_000),
      codec: fc.constantFrom('UNCOMPRESSED' as const, 'SNAPPY' as const),
    });
    await fc.assert(
      fc.asyncProperty(table, async ({ columns, count, ...options }) => {
        const data = columns.map(({ pool, optional, nulls }) =>
          Array.from({ length: count }, (_, index) =>
            optional && index % nulls === 0 ? null : pool[(index * 7) % pool.length],
          ),
        );
        const schema = columns.map(({ kind, optional }, index) => ({
          ...kind.element,
          name: `c${index}`,
          repetition_type: optional ? ('OPTIONAL' as const) : ('REQUIRED' as const),
        }));
        const columnData = columns.map(({ encoding }, index) => ({
          name: `c${index}`,
          data: data[index] as never,
          ...(encoding === undefined ? {} : { encoding }),
        }));
        const bytes = written({
          schema: [{ name: 'root', num_children: schema.length }, ...schema],
          columnData,
          ...options,
        });
        const { rows } = await readFile(format, contentInMemory(bytes).content);
        expect(rows).toHaveLength(count);
        for (const [index, row] of rows.entries()) {
          const expected = columns.map(({ kind }, at) => {
            const value = data[at]?.[index];
            return value === null ? null : kind.canonical(value as never);
          });
          expect(row).toEqual(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('of any bytes between the magic words are refused, and nothing else happens', async () => {
    const file = fc.uint8Array({ maxLength: 300 }).map((bytes) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([Buffer.from('PAR1'), bytes, length, Buffer.from('PAR1')]);
    });
    await fc.assert(
      fc.asyncProperty(file, async (bytes) => {
        await expect(readFile(format, contentInMemory(bytes).content)).rejects.toMatchObject({
          code: expect.stringMatching(/^(InvalidFile|NoColumnsFound)$/),
        });
      }),
      { numRuns: 1000 },
    );
  });
});
