import { gzipSync } from 'node:zlib';
import type { ObjectType } from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { FileSource } from '../src/files/file-source.js';
import { json } from '../src/json/json.js';
import { MemoryStorage } from './memory-storage.js';
import { contentOf, readFile } from './read-format.js';
import { rejection, unhurried } from './read-source.js';

const SHAPES =
  'records must be an array of objects, an object whose only property is such an array, or one object per line (JSON Lines)';

function schema(...names: string[]): ObjectType {
  return {
    kind: 'object',
    properties: names.map((name) => ({ name, type: { kind: 'json' }, readOptional: true, description: '' })),
  };
}

async function read(data: string | Uint8Array, chunkBytes?: number, expected: ObjectType | null = schema('a', 'b')) {
  return await readFile(json.open({}), contentOf(data, chunkBytes), { expected });
}

const READ: [what: string, text: string, rows: (string | undefined)[][]][] = [
  [
    'an array',
    '[{"a":1},{"b":2}]',
    [
      ['1', undefined],
      [undefined, '2'],
    ],
  ],
  ['an empty array', '[]', []],
  ['an empty array with white space', ' \r\n\t[ \n ] \n', []],
  [
    'an array over lines',
    '[\r\n  {\r\n    "a" : 1 ,\r\n    "b" : [ 2 ]\r\n  } ,\r\n  { }\r\n]\r\n',
    [
      ['1', '[ 2 ]'],
      [undefined, undefined],
    ],
  ],
  [
    'an object with one property that is an array',
    '{"any thing": [{"a":1},{"a":2}]}',
    [
      ['1', undefined],
      ['2', undefined],
    ],
  ],
  ['an object with one property that is an empty array', '{ "x" : [ ] }', []],
  [
    'JSON Lines',
    '{"a":1}\n{"a":2}\n',
    [
      ['1', undefined],
      ['2', undefined],
    ],
  ],
  [
    'JSON Lines without a last line break',
    '{"a":1}\n{"a":2}',
    [
      ['1', undefined],
      ['2', undefined],
    ],
  ],
  [
    'JSON Lines with CRLF and empty lines',
    '\r\n{"a":1}\r\n\r\n  \r\n{"a":2}  \r\n',
    [
      ['1', undefined],
      ['2', undefined],
    ],
  ],
  [
    'JSON Lines with two objects in a line',
    '{"a":1}\n{"a":2} {"a":3}\n{"a":4}',
    [
      ['1', undefined],
      ['2', undefined],
      ['3', undefined],
      ['4', undefined],
    ],
  ],
  ['one line', '{"a":1,"b":2}', [['1', '2']]],
  ['one empty object', '{}', [[undefined, undefined]]],
  [
    'objects in one line',
    '{"a":1}{"a":2} {"b":3}',
    [
      ['1', undefined],
      ['2', undefined],
      [undefined, '3'],
    ],
  ],
  [
    'objects over several lines each',
    '{\n "a": 1\n}\n{\n "a": 2\n}\n',
    [
      ['1', undefined],
      ['2', undefined],
    ],
  ],
  [
    'lines that have one property each, an array of objects',
    '{"a":[{"x":1}]}\n{"a":[{"x":2}]}',
    [
      ['[{"x":1}]', undefined],
      ['[{"x":2}]', undefined],
    ],
  ],
  ['one line with an array of objects and a property that is wanted', '{"b":[{"x":1}],"a":1}', [['1', '[{"x":1}]']]],
  ['one line with an array of numbers', '{"a":[1,2]}', [['[1,2]', undefined]]],
];

describe('shapes of JSON files', () => {
  it.each(READ)('reads %s, whatever the chunks', async (_what, text, rows) => {
    for (const chunkBytes of [1, 2, 3, 7, 64 * 1024]) {
      const result = await read(text, chunkBytes);
      expect(result.rows).toEqual(rows);
      expect(result.unreadable).toEqual([]);
    }
  });

  it.each(READ)('reads %s after a byte order mark', async (_what, text, rows) => {
    expect((await read(`\ufeff${text}`, 1)).rows).toEqual(rows);
  });
});

const CUT = 'it was cut off; export or upload it again';
const BAD = 'this is not valid JSON; correct the file or export it again';

const REFUSED: [text: string, message: string][] = [
  [
    '1',
    `line 1, column 1: the file holds a single value that is neither an array nor an object, a shape of JSON that cannot be read; ${SHAPES}`,
  ],
  [
    '\n "text"',
    `line 2, column 2: the file holds a single value that is neither an array nor an object, a shape of JSON that cannot be read; ${SHAPES}`,
  ],
  [
    'null',
    `line 1, column 1: the file holds a single value that is neither an array nor an object, a shape of JSON that cannot be read; ${SHAPES}`,
  ],
  ['id,name\n1,2\n', `line 1, column 1: ${BAD}`],
  ['<html>', `line 1, column 1: ${BAD}`],
  [
    '{"x":[{"a":1}],"y":2}',
    `line 1, column 1: the object around the records has more than one property, a shape of JSON that cannot be read; ${SHAPES}`,
  ],
  [
    '{"total":2,"x":[{"a":1}]}',
    `line 1, column 1: the object around the records has more than one property, a shape of JSON that cannot be read; ${SHAPES}`,
  ],
  [
    `{"x":[${'{"a":1},\n'.repeat(150_000)}{}],"y":2}`,
    `line 150001, column 4: the object around the records has another property, a shape of JSON that cannot be read; ${SHAPES}`,
  ],
  [
    '[{"a":1}]\n[{"a":2}]',
    `line 2, column 1: something follows the end of the records, a shape of JSON that cannot be read; ${SHAPES}`,
  ],
  [
    '[{"a":1}] x',
    `line 1, column 11: something follows the end of the records, a shape of JSON that cannot be read; ${SHAPES}`,
  ],
  [
    '{"a":1},{"a":2}',
    `line 1, column 8: something that is no object follows an object, a shape of JSON that cannot be read; ${SHAPES}`,
  ],
  [
    '{"a":1} 2',
    `line 1, column 9: something that is no object follows an object, a shape of JSON that cannot be read; ${SHAPES}`,
  ],
  ['[{"a":1} {"a":2}]', `line 1, column 10: ${BAD}`],
  ['[{"a":1},]', `line 1, column 10: ${BAD}`],
  ['[,{"a":1}]', `line 1, column 2: ${BAD}`],
  ['[\n{"a":1},\n{"a":01}]', `line 3, column 7: ${BAD}`],
  ['[{"é":1,"日本": x}]', `line 1, column 15: ${BAD}`],
  ['[{"a":1}}', `line 1, column 9: ${BAD}`],
  ['{"a":1]', `line 1, column 7: ${BAD}`],
  ["[{'a':1}]", `line 1, column 3: ${BAD}`],
  ['[', `the file ends at line 1, column 2, before its JSON is complete: ${CUT}`],
  ['[{"a":1}', `the file ends at line 1, column 9, before its JSON is complete: ${CUT}`],
  ['[\n{"a":1},\n', `the file ends at line 3, column 1, before its JSON is complete: ${CUT}`],
  ['{"a":1}\n{"a":"x', `the file ends at line 2, column 8, before its JSON is complete: ${CUT}`],
  ['{"a', `the file ends at line 1, column 4, before its JSON is complete: ${CUT}`],
];

describe('files that cannot be read', () => {
  it.each(REFUSED)('says where and what: %.40s', async (text, message) => {
    const chunks = text.length > 1000 ? [4096, 64 * 1024] : [1, 5, 64 * 1024];
    for (const chunkBytes of chunks) {
      expect(await rejection(read(text, chunkBytes))).toMatchObject({ code: 'InvalidFile', message });
    }
  });

  it.each(['utf16le', 'with a mark'])('tells UTF-16 from bad JSON: %s', async (kind) => {
    const bytes = Buffer.from(`${kind === 'utf16le' ? '' : '\ufeff'}[{"a":1}]`, 'utf16le');
    const message = 'the file is in UTF-16 or UTF-32; save it as UTF-8';
    expect(await rejection(read(bytes))).toMatchObject({ code: 'InvalidFile', message });
    expect(await rejection(read(bytes.swap16()))).toMatchObject({ code: 'InvalidFile', message });
  });

  it('says that it is not UTF-8 where a byte stands between values', async () => {
    const bytes = Buffer.concat([Buffer.from('[{"a":1},\n  '), Buffer.from([0xe9]), Buffer.from('{}]')]);
    const message = 'line 2, column 3: this is not UTF-8; save the file as UTF-8';
    expect(await rejection(read(bytes))).toMatchObject({ code: 'InvalidFile', message });
  });

  it.each(['', ' \n\t ', '\ufeff'])(
    'is an empty file without records where the properties are known: %j',
    async (text) => {
      expect(await read(text)).toMatchObject({ rows: [], unreadable: [], columns: [{ name: 'a' }, { name: 'b' }] });
      const named = json.open({ properties: [{ key: 'id', value: true }] });
      expect(await readFile(named, contentOf(text))).toMatchObject({ rows: [], columns: [{ name: 'id' }] });
    },
  );

  it('is an empty file without records after decompression too', async () => {
    const storage = new MemoryStorage({ file: { data: gzipSync('') } });
    const access = { maxFileBytes: 1_000 };
    const manner = { format: json.open({}), sheet: null, compression: 'Gzip', expected: schema('a'), access } as const;
    const reader = await new FileSource(() => storage, { ...manner, path: 'file' }).open(null, unhurried());
    for await (const batch of reader.batches()) expect.unreachable(`there is a batch of ${batch.rows.length}`);
    expect(reader.columns.map(({ name }) => name)).toEqual(['a']);
  });

  it.each(['', ' \n\t ', '\ufeff'])('finds no columns in an empty file: %j', async (text) => {
    const message =
      'the file is empty: it has no records yet that could say which properties there are; name them in the setting "properties"';
    expect(await rejection(read(text, 1000, null))).toMatchObject({ code: 'NoColumnsFound', message });
  });

  it('notices a cut at every byte of an array, and of an object around one', async () => {
    for (const text of [
      '[{"a":-1.5e+3,"b":"\\u00e9é"},{"a":true,"b":[null]}]',
      '{"x": [{"a":{"y":[]}}, {"b":false}]}',
    ]) {
      const bytes = Buffer.from(text);
      for (let length = 1; length < bytes.length; length++) {
        const error = await rejection(read(bytes.subarray(0, length), 3));
        expect(error, `${length} bytes`).toMatchObject({ code: 'InvalidFile', message: expect.stringContaining(CUT) });
      }
    }
  });

  it('notices a cut within a line', async () => {
    const first = '{"a":1}\n';
    const second = Buffer.from('{"a":"é\\n","b":[1.5,{"x":true}]}');
    for (let length = 1; length < second.length; length++) {
      const bytes = Buffer.concat([Buffer.from(first), second.subarray(0, length)]);
      expect(await rejection(read(bytes, 3)), `${length} bytes`).toMatchObject({
        code: 'InvalidFile',
        message: expect.stringContaining(CUT),
      });
    }
  });
});
