import { fromDataJson, type Type, type Value } from '@penstock/language';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { json } from '../src/json/json.js';
import { contentOf, readFile } from './read-format.js';
import { tables, written } from './written-file.js';

const string: Type = { kind: 'string' };
const float: Type = { kind: 'float', bitSize: 64 };

async function textOf(type: Type, values: readonly Value[], settings: object = {}): Promise<string> {
  const rows = values.map((value) => [value]);
  return String(await written(json.openForWriting(settings), [{ name: 'a', type }], [rows]));
}

describe('a file of JSON', () => {
  it('is in the form that is set', async () => {
    expect(await textOf(string, ['x', null])).toBe('{"records":[{"a":"x"},{"a":null}]}\n');
    expect(await textOf(string, ['x', null], { form: 'array' })).toBe('[{"a":"x"},{"a":null}]\n');
    expect(await textOf(string, ['x', null], { form: 'lines' })).toBe('{"a":"x"}\n{"a":null}\n');
    expect(json.openForWriting({}).contentType).toBe('application/json; charset=utf-8');
    expect(json.openForWriting({ form: 'lines' }).contentType).toBe('application/x-ndjson; charset=utf-8');
  });

  it('is whole without records', async () => {
    for (const indent of [false, true]) {
      expect(JSON.parse(await textOf(string, [], { indent }))).toEqual({ records: [] });
      expect(JSON.parse(await textOf(string, [], { indent, form: 'array' }))).toEqual([]);
    }
    expect(await textOf(string, [], { form: 'lines' })).toBe('');
  });

  it('is indented for people', async () => {
    const type: Type = { kind: 'array', elementType: string };
    expect(await textOf(type, [['x', '[,:]'], []], { indent: true, form: 'array' })).toBe(
      '[\n  {\n    "a": [\n      "x",\n      "[,:]"\n    ]\n  },\n  {\n    "a": []\n  }\n]\n',
    );
    expect(await textOf(string, ['x'], { indent: true })).toBe(
      '{\n  "records": [\n    {\n      "a": "x"\n    }\n  ]\n}\n',
    );
    expect(() => json.openForWriting({ indent: true, form: 'lines' })).toThrow('cannot be used with lines');
  });

  it('keeps all digits of numbers, and json as it is', async () => {
    const lines = { form: 'lines' };
    expect(await textOf({ kind: 'int', bitSize: 64 }, ['9223372036854775807'], lines)).toBe(
      '{"a":9223372036854775807}\n',
    );
    const decimal: Type = { kind: 'decimal', precision: 40, scale: 10 };
    expect(await textOf(decimal, ['12345678901234567890.50'], lines)).toBe('{"a":12345678901234567890.50}\n');
    expect(await textOf({ kind: 'float', bitSize: 32 }, [Math.fround(0.1)], lines)).toBe('{"a":0.1}\n');
    expect(await textOf({ kind: 'json' }, ['{"b": 1.00}', 'null'], lines)).toBe('{"a":{"b": 1.00}}\n{"a":null}\n');
    expect(await textOf({ kind: 'datetime' }, ['2035-10-30 16:33:25.5'], lines)).toBe(
      '{"a":"2035-10-30T16:33:25.5Z"}\n',
    );
  });

  it('has each record in one line where it is of lines, also when json is of several', async () => {
    expect(await textOf({ kind: 'json' }, ['{\r\n "b": "\\n"\n}'], { form: 'lines' })).toBe('{"a":{  "b": "\\n" }}\n');
  });

  it('has NaN and the infinities only when they are allowed', async () => {
    const values = [Number.NaN, Infinity, -Infinity];
    const type: Type = { kind: 'array', elementType: float };
    expect(await textOf(type, [values], { form: 'lines' })).toBe('{"a":[null,null,null]}\n');
    expect(await textOf(type, [values], { form: 'lines', allowSpecialFloats: true })).toBe(
      '{"a":[NaN,Infinity,-Infinity]}\n',
    );
  });

  it('is ASCII when that is wanted', async () => {
    expect(await textOf(string, ['é👩\u007f\n"'], { form: 'lines', generateASCII: true })).toBe(
      '{"a":"\\u00e9\\ud83d\\udc69\\u007f\\n\\""}\n',
    );
  });

  it('is read back by our own reader as it was written, in every form', async () => {
    const settings = fc.constantFrom(
      ...(['records', 'array'] as const).flatMap((form) => [{ form }, { form, indent: true }]),
      { form: 'lines' as const },
    );
    const property = fc.asyncProperty(tables, settings, fc.boolean(), async (table, chosen, generateASCII) => {
      const { columns, batches } = table;
      const file = await written(json.openForWriting({ ...chosen, generateASCII }), columns, batches);
      if (generateASCII) expect(file.every((byte) => byte < 128)).toBe(true);
      const rows = batches.flat();
      if (file.length === 0) {
        expect(rows).toEqual([]);
        return;
      }
      const properties = columns.map(({ name }) => ({ key: name, value: true }));
      const read = await readFile(json.open({ properties }), contentOf(file, 50));
      expect(read.unreadable).toEqual([]);
      const values = read.rows.map((row) =>
        row.map((field, index) => readBack(columns[index]?.type as Type, String(field))),
      );
      expect(values).toEqual(
        rows.map((row) => row.map((value, index) => comparable(columns[index]?.type as Type, value))),
      );
    });
    await fc.assert(property, { numRuns: 300 });
  });
});

/** What is compared: values of JSON do not keep their blanks. */
function comparable(type: Type, value: Value): unknown {
  if (type.kind === 'json') return value === null ? null : JSON.parse(String(value));
  return value === null ? null : JSON.parse(JSON.stringify(value));
}

function readBack(type: Type, text: string): unknown {
  if (text === 'null') return null;
  if (type.kind === 'json') return JSON.parse(text);
  // Digits that JSON.parse would lose.
  if (type.kind === 'decimal' || (type.kind === 'int' && type.bitSize === 64)) return text;
  if (type.kind === 'object') return JSON.parse(text.replace(/"big":\s*(\d+)/g, '"big":"$1"'));
  return fromDataJson(type, JSON.parse(text));
}
