import { isValidJson, type ObjectType } from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { json } from '../src/json/json.js';
import { contentOf, readFile } from './read-format.js';
import { rejection } from './read-source.js';

const JSON_TYPE = { kind: 'json' };

async function preview(data: string | Uint8Array, settings: unknown = {}) {
  return await readFile(json.open(settings), contentOf(data, 1000));
}

function withProperties(...keys: string[]): unknown {
  return { properties: keys.map((key) => ({ key, value: 'f' })) };
}

describe('columns of JSON files', () => {
  it('finds them out from the records, in the order in which they appear', async () => {
    const { columns, issues, rows } = await preview('[{"id":1,"a":2},{"b":3,"id":4}]');
    expect(columns).toEqual([
      { name: 'id', type: JSON_TYPE, nullable: false, readOptional: false },
      { name: 'a', type: JSON_TYPE, nullable: false, readOptional: true },
      { name: 'b', type: JSON_TYPE, nullable: false, readOptional: true },
    ]);
    expect(issues).toEqual([]);
    expect(rows).toEqual([
      ['1', '2', undefined],
      ['4', undefined, '3'],
    ]);
  });

  it('says from how many records where it did not look at all', async () => {
    const { columns, issues, rows } = await preview(`${'{"a":1}\n'.repeat(1_200)}{"late":1}\n`);
    expect(columns.map(({ name }) => name)).toEqual(['a']);
    expect(issues).toEqual([
      'the properties were found out from the first 1000 records: those that only later records have are left out',
    ]);
    expect(rows).toHaveLength(1_201);
  });

  it('finds them out of a first record that is larger than the sample', async () => {
    const { columns, issues, rows } = await preview(`[{"a":"${'x'.repeat(3_000_000)}","b":1},{"c":1}]`);
    expect(columns.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(issues).toEqual([expect.stringContaining('from the first record:')]);
    expect(rows).toHaveLength(2);
  });

  it('leaves out keys that are no property names', async () => {
    const { columns, issues } = await preview('[{"id":1,"first name":2,"__proto__":3,"\\u0061":4,"1":5}]');
    expect(columns.map(({ name }) => name)).toEqual(['id', '__proto__', 'a']);
    expect(issues.toSorted()).toEqual([
      'property "1" is left out: its name is no property name; rename it in the file',
      'property "first name" is left out: its name is no property name; rename it in the file',
    ]);
  });

  it.each(['[]', '{"x":[]}', '[{}]', '{}', '[{"é":1}]', '[1,2]'])('finds none in %s', async (text) => {
    expect(await rejection(preview(text))).toMatchObject({ code: 'NoColumnsFound' });
  });

  it.each(['[]', '{"x": [ ]}'])('says of %s that there are no records yet', async (text) => {
    const message =
      'the file has no records yet that could say which properties there are; name them in the setting "properties"';
    expect(await rejection(preview(text))).toMatchObject({ code: 'NoColumnsFound', message });
  });

  it('refuses more properties than a file can have columns', async () => {
    const record = Object.fromEntries(Array.from({ length: 2_001 }, (_, index) => [`p${index}`, index]));
    const message = 'the records have more than 2000 properties; name those to be read in the setting "properties"';
    expect(await rejection(preview(JSON.stringify([record])))).toMatchObject({ code: 'InvalidFile', message });
  });

  it('takes them from the schema that the pipeline was defined with', async () => {
    const expected: ObjectType = {
      kind: 'object',
      properties: [
        { name: 'b', type: { kind: 'json' }, readOptional: true, description: '' },
        { name: 'a', type: { kind: 'json' }, description: '' },
      ],
    };
    const { columns, rows } = await readFile(json.open({}), contentOf('[{"a":1,"c":2}]'), { expected });
    expect(columns).toEqual([
      { name: 'b', type: JSON_TYPE, nullable: false, readOptional: true },
      { name: 'a', type: JSON_TYPE, nullable: false, readOptional: false },
    ]);
    expect(rows).toEqual([[undefined, '1']]);
  });

  it('takes them from the settings, in both of their forms', async () => {
    const properties = [
      { key: 'd', value: 'f' },
      { key: 'c', value: 't' },
      { key: 'b', value: false },
      { key: 'a', value: true },
    ];
    const { columns, rows } = await preview('[{"a":1,"c":2}]', { properties });
    expect(columns.map(({ name, readOptional }) => [name, readOptional])).toEqual([
      ['d', true],
      ['c', false],
      ['b', true],
      ['a', false],
    ]);
    expect(rows).toEqual([[undefined, '2', undefined, '1']]);
    expect((await preview('[]', { properties })).rows).toEqual([]);
  });

  it('are those of the settings that the pipeline needs', async () => {
    const properties = ['a', 'b', 'c'].map((key) => ({ key, value: 't' }));
    const expected: ObjectType = {
      kind: 'object',
      properties: ['c', 'd', 'a'].map((name) => ({ name, type: { kind: 'json' }, description: '' })),
    };
    const result = await readFile(json.open({ properties }), contentOf('[{"a":1,"b":2,"c":3}]'), { expected });
    expect(result.columns.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(result.rows).toEqual([['1', '3']]);
  });

  it.each([
    [{ properties: [] }],
    [
      {
        properties: [
          { key: 'a', value: 't' },
          { key: 'a', value: 'f' },
        ],
      },
    ],
    [{ properties: [{ key: 'a b', value: 't' }] }],
    [{ properties: [{ key: 'a', value: 'x' }] }],
    [{ properties: [{ key: 'a' }] }],
    [{ other: 1 }],
  ])('refuses settings %j', (settings) => {
    expect(() => json.open(settings)).toThrow(expect.objectContaining({ code: 'InvalidSettings' }));
  });
});

const VALUES = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1e400',
  '0.1000',
  '12345678901234567890',
  '-1.5E+3',
  '""',
  '"a\\"b\\\\"',
  '"\\u00e9 é 日本 👩‍👩‍👧"',
  '"\\ud83d\\ude00"',
  '"a string that is longer than a few characters"',
  '"\u2028\ufeff\ufffd\u007f"',
  '[]',
  '{}',
  '[1, 2 ,\n 3]',
  '{"a" : {"b":[{}, [], "]}"]}}',
];

describe('members of records', () => {
  it('are the text that stands in the file', async () => {
    for (const value of VALUES) {
      expect(isValidJson(value)).toBe(true);
      for (const chunkBytes of [1, 4096]) {
        const content = contentOf(`[ { "x" : 0 , "v" :  ${value} \n } , { "v":${value}}]`, chunkBytes);
        expect((await readFile(json.open(withProperties('v')), content)).rows).toEqual([[value], [value]]);
      }
    }
  });

  it('are found whatever the order and the writing of the keys', async () => {
    const text =
      '{"a":1,"b":2}\n{"b":3,"a":4}\n{"\\u0061":5,"x":{"a":0},"b":6}\n{"ab":7,"b":8}\n{"a":9}\n{"b\\"":1,"":2}\n';
    expect((await preview(text, withProperties('a', 'b'))).rows).toEqual([
      ['1', '2'],
      ['4', '3'],
      ['5', '6'],
      [undefined, '8'],
      ['9', undefined],
      [undefined, undefined],
    ]);
  });

  it('with an escaped NUL or half of a character are left to what follows', async () => {
    const text = '[{"a":"\\u0000","b":"\\ud800"}]';
    expect((await preview(text, withProperties('a', 'b'))).rows).toEqual([['"\\u0000"', '"\\ud800"']]);
  });
});

async function unreadable(text: string | Uint8Array) {
  const { rows, unreadable } = await preview(text, withProperties('a', 'b'));
  const shown = unreadable.map(({ record, ...failure }) => ({ ...failure, record: JSON.parse(record?.() ?? 'null') }));
  return { rows, unreadable: shown };
}

const failed = (code: string, message: string, record: unknown) => ({
  step: 'Receive',
  code,
  message,
  key: null,
  record,
});

describe('records that are wrong', () => {
  it('are told from each other, and cost only themselves', async () => {
    const result = await unreadable('[{"a":1},7,"x",[{}],null,{"a":1,"b":2,"a":3},{"x":1,"x":2,"b":4}]');
    expect(result.rows).toEqual([
      ['1', undefined],
      [undefined, '4'],
    ]);
    const notObject = 'the record is not a JSON object';
    expect(result.unreadable).toEqual([
      failed('NotAnObject', notObject, { record: 2, text: '7' }),
      failed('NotAnObject', notObject, { record: 3, text: '"x"' }),
      failed('NotAnObject', notObject, { record: 4, text: '[{}]' }),
      failed('NotAnObject', notObject, { record: 5, text: 'null' }),
      failed('RepeatedKey', "the record has the property 'a' more than once", {
        record: 6,
        text: '{"a":1,"b":2,"a":3}',
      }),
    ]);
  });

  it('in JSON Lines end with their line', async () => {
    const lines = [
      '',
      '{"a":1}',
      '{"a":',
      '{"a":2}',
      '{"a":"x',
      '',
      'text',
      '12',
      '{"a":3} x',
      '{"a":4}',
      `{"a":${'['.repeat(1001)}${']'.repeat(1001)}}`,
      '{"a":5}',
      '',
    ];
    const result = await unreadable(lines.join('\r\n'));
    expect(result.rows.map(([a]) => a)).toEqual(['1', '2', '4', '5']);
    const notJson = 'the line is not valid JSON';
    expect(result.unreadable).toEqual([
      failed('NotJSON', notJson, { line: 3, text: '{"a":\r\n' }),
      failed('NotJSON', notJson, { line: 5, text: '{"a":"x\r\n' }),
      failed('NotJSON', notJson, { line: 7, text: 'text\r\n' }),
      failed('NotAnObject', 'the record is not a JSON object', { line: 8, text: '12' }),
      failed('NotJSON', notJson, { line: 9, text: '{"a":3} x\r\n' }),
      failed('TooDeep', 'the record has values nested deeper than 1000 levels', {
        line: 11,
        text: `${lines[10]?.slice(0, 2_000)}`,
      }),
    ]);
  });

  it('are those that are not UTF-8, and not those that have the replacement character', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":"\ufffd"}\n{"a":"caf'),
      Buffer.from([0xe9]),
      Buffer.from('"}\n{"a":"\ufffd é"}\n'),
    ]);
    for (const chunkBytes of [1, 4096]) {
      const result = await readFile(json.open(withProperties('a')), contentOf(bytes, chunkBytes));
      expect(result.rows).toEqual([['"\ufffd"'], ['"\ufffd é"']]);
      expect(result.unreadable).toEqual([
        expect.objectContaining({ code: 'NotUTF8', message: 'the record is not valid UTF-8; save the file as UTF-8' }),
      ]);
    }
  });

  it('show only their beginning', async () => {
    const { unreadable } = await preview(`["${'x'.repeat(100_000)}"]`, withProperties('a'));
    expect(unreadable[0]?.record?.().length).toBeLessThan(3_000);
  });
});
