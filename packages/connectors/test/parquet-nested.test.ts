import { ValueFailure } from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { parquet } from '../src/parquet/parquet.js';
import { planColumns } from '../src/parquet/plan-columns.js';
import { contentInMemory, fixture, written } from './parquet-files.js';
import { readFile } from './read-format.js';

const format = parquet.open({});

async function read(bytes: Buffer) {
  return await readFile(format, contentInMemory(bytes).content);
}

type Element = NonNullable<Parameters<typeof written>[0]['schema']>[number];

/** Reads one column whose elements are given with those within it. */
async function readNested(elements: Element[], data: unknown[]) {
  const schema = [{ name: 'root', num_children: 1 }, ...elements] as Element[];
  return await read(written({ schema, columnData: [{ name: elements[0]?.name ?? '', data: data as never }] }));
}

const STRING = { kind: 'string' };
const INT64 = { kind: 'int', bitSize: 64 };
const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;

describe('Nested columns of Parquet', () => {
  it('are the lists, groups and maps that DuckDB wrote, with nulls and emptiness where they were', async () => {
    const { columns, issues, rows } = await read(fixture('nested'));
    const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({
      numbers: { kind: 'array', elementType: INT64 },
      grid: { kind: 'array', elementType: { kind: 'array', elementType: INT64 } },
      attributes: { kind: 'map', elementType: { kind: 'int', bitSize: 32 } },
      deep: { kind: 'map', elementType: { kind: 'array' } },
    });
    expect(types.address).toEqual({
      kind: 'object',
      properties: [
        { name: 'city', type: STRING, nullable: true, description: '' },
        {
          name: 'at',
          type: {
            kind: 'object',
            properties: [
              { name: 'lat', type: { kind: 'float', bitSize: 64 }, nullable: true, description: '' },
              { name: 'tags', type: { kind: 'array', elementType: STRING }, nullable: true, description: '' },
            ],
          },
          nullable: true,
          description: '',
        },
      ],
    });
    expect(issues).toEqual([
      'column "int_keys" has type "MAP with keys that are not text", which is not supported; it is left out',
    ]);
    const items = (id: string) => [{ a: id, b: null }, null, { a: null, b: 'x' }];
    const place = (id: number) => ({ city: `Oslo ${id}`, at: { lat: id + 0.25, tags: ['a', `b${id}`] } });
    const grid = (id: string) => [['1', '2'], [], null, [id]];
    expect(JSON.parse(JSON.stringify(rows))).toEqual([
      ['0', ['1', '2', null], place(0), { k: 1, l: 2 }, grid('0'), items('0'), { m: [{ d: '2024-01-01' }] }],
      ['1', [], null, {}, grid('1'), items('1'), { m: [{ d: '2024-01-02' }] }],
      ['2', null, place(2), null, grid('2'), items('2'), { m: [{ d: '2024-01-03' }] }],
      ['3', ['3'], place(3), { n: null }, grid('3'), items('3'), { m: [{ d: '2024-01-04' }] }],
    ]);
  });

  it('may be lists as older writers made them', () => {
    const group = { physical: undefined, width: 0, children: 1, annotation: undefined };
    const leaf = { ...group, physical: 6, children: 0, annotation: { name: 'STRING' }, repetition: 2 };
    const root = { ...group, name: 'root', repetition: 0 };
    const list = { ...group, name: 'c', repetition: 1, annotation: { name: 'LIST' } };
    const type = { kind: 'array', elementType: STRING };
    const repeated = planColumns([root, { ...leaf, name: 'c' }], null);
    expect(repeated.columns[0]?.column).toEqual({ name: 'c', type, nullable: false });
    expect(repeated.columns[0]?.shape).toMatchObject({ present: 0, definition: 1, repetition: 1 });
    const twoLevels = planColumns([root, list, { ...leaf, name: 'element' }], null);
    expect(twoLevels.columns[0]?.column).toEqual({ name: 'c', type, nullable: true });
    expect(twoLevels.columns[0]?.shape).toMatchObject({ present: 1, definition: 2, repetition: 1 });
  });

  it('of one group named "array" or after the list have it as their element', async () => {
    const group = (name: string): Element[] => [
      { name: 'c', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
      { name, repetition_type: 'REPEATED', num_children: 1 },
      { name: 'v', ...text, repetition_type: 'OPTIONAL' },
    ];
    const types = await Promise.all(
      ['array', 'c_tuple', 'list'].map(async (name) => (await readNested(group(name), [null])).columns[0]?.type),
    );
    const object = { kind: 'object', properties: [{ name: 'v', type: STRING, nullable: true, description: '' }] };
    expect(types).toEqual([object, object, STRING].map((elementType) => ({ kind: 'array', elementType })));
  });

  it('fail alone where a value within them fails, and keep in step', async () => {
    const elements: Element[] = [
      { name: 'c', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'INT32', converted_type: 'INT_8', repetition_type: 'REQUIRED' },
    ];
    const { rows } = await readNested(elements, [[1, 300, 2], [3]]);
    expect(rows[0]?.[0]).toBeInstanceOf(ValueFailure);
    expect(rows[0]?.[0]).toMatchObject({ code: 'NumberOutOfRange' });
    expect(rows[1]).toEqual([[3]]);
  });

  it('leave out members that cannot be read, and themselves only without any other', async () => {
    const elements: Element[] = [
      { name: 'c', repetition_type: 'REQUIRED', num_children: 3 },
      { name: 'ok', type: 'INT32', repetition_type: 'REQUIRED' },
      { name: 'doc', type: 'BYTE_ARRAY', converted_type: 'BSON', repetition_type: 'REQUIRED' },
      { name: 'not ok', type: 'INT32', repetition_type: 'REQUIRED' },
    ];
    const { columns, issues, rows } = await readNested(elements, [{ ok: 1, doc: Buffer.from('x'), 'not ok': 2 }]);
    expect(columns[0]?.type).toMatchObject({ properties: [{ name: 'ok' }] });
    expect(JSON.stringify(rows)).toBe('[[{"ok":1}]]');
    expect(issues).toEqual([
      'column "c.doc" has type "BSON", which is not supported; it is left out',
      'a member of column "c" has the name "not ok", which is not a valid property name; it is left out',
    ]);
  });

  it('go on over pages and batches', async () => {
    const elements: Element[] = [
      { name: 'c', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' },
    ];
    const data = Array.from({ length: 3_000 }, (_, index) => Array.from({ length: index % 17 }, (_, at) => index + at));
    const schema = [{ name: 'root', num_children: 1 }, ...elements];
    const bytes = written({ schema, columnData: [{ name: 'c', data }], pageSize: 1000, rowGroupSize: 1700 });
    const { rows } = await read(bytes);
    expect(rows).toEqual(data.map((list) => [list]));
  });
});
