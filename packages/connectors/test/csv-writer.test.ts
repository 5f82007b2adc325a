import type { Type, Value } from '@penstock/language';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csv } from '../src/csv/csv.js';
import { contentOf, readFile } from './read-format.js';
import { rejection } from './read-source.js';
import { tables, written } from './written-file.js';

const string: Type = { kind: 'string' };

async function textOf(type: Type, values: readonly Value[], settings: object = {}): Promise<string> {
  const rows = values.map((value) => [value]);
  return String(await written(csv.openForWriting(settings), [{ name: 'a', type }], [rows]));
}

async function lines(type: Type, values: readonly Value[], settings: object = {}): Promise<string[]> {
  return (await textOf(type, values, settings)).split('\n').slice(1, -1);
}

describe('a file of CSV', () => {
  it('has the names of its columns first, also without rows', async () => {
    const columns = ['id', 'email'].map((name) => ({ name, type: string }));
    const format = csv.openForWriting({});
    expect(format.contentType).toBe('text/csv; charset=utf-8');
    expect(String(await written(format, columns, []))).toBe('id,email\n');
    expect(String(await written(format, columns, [[], [['1', 'a@b.c']], [['2', null]]]))).toBe(
      'id,email\n1,a@b.c\n2,\n',
    );
  });

  it('quotes what needs it, as RFC 4180 has it', async () => {
    const values = ['plain', 'a,b', 'a"b', 'a\nb', 'a\rb', ' a ', 'é日👩'];
    expect(await textOf(string, values)).toBe('a\nplain\n"a,b"\n"a""b"\n"a\nb"\n"a\rb"\n a \né日👩\n');
    expect(await textOf(string, ['a;b', 'a,b'], { separator: ';', useCRLF: true })).toBe('a\r\n"a;b"\r\na,b\r\n');
    expect(await textOf(string, ["a'b", 'a"b'], { quote: "'" })).toBe("a\n'a''b'\na\"b\n");
    expect(await textOf(string, ['a$&b'], { quote: '$' })).toBe('a\n$a$$&b$\n');
    expect(await textOf(string, ['a]b', 'a^b'], { separator: ']', quote: '^' })).toBe('a\n^a]b^\n^a^^b^\n');
  });

  it('leaves formulas of spreadsheets as they are', async () => {
    expect(await lines(string, ['=1+1', '+1', '@a'])).toEqual(['=1+1', '+1', '@a']);
  });

  it('writes the values of each kind', async () => {
    const int64: Type = { kind: 'int', bitSize: 64 };
    expect(await lines({ kind: 'boolean' }, [true, false])).toEqual(['true', 'false']);
    expect(await lines(int64, ['9223372036854775807'])).toEqual(['9223372036854775807']);
    const float: Type = { kind: 'float', bitSize: 64 };
    expect(await lines(float, [1.5, 1e21, Number.NaN, -Infinity])).toEqual(['1.5', '1e+21', 'NaN', '-Infinity']);
    expect(await lines({ kind: 'float', bitSize: 32 }, [Math.fround(0.1)])).toEqual(['0.1']);
    const datetimes = ['2035-10-30 16:33:25', '2035-10-30 16:33:25.123456'];
    expect(await lines({ kind: 'datetime' }, datetimes)).toEqual([
      '2035-10-30T16:33:25Z',
      '2035-10-30T16:33:25.123456Z',
    ]);
    expect(await lines({ kind: 'array', elementType: string }, [['a', null]])).toEqual(['"[""a"",null]"']);
    expect(await lines({ kind: 'map', elementType: int64 }, [{ b: '2', a: '1' }])).toEqual(['"{""a"":1,""b"":2}"']);
    expect(await lines({ kind: 'json' }, ['{"a": 1.0}', 'null'])).toEqual(['"{""a"": 1.0}"', 'null']);
  });

  it('quotes numbers and times when their characters separate', async () => {
    expect(await lines({ kind: 'int', bitSize: 32 }, [-1, 12], { separator: '-' })).toEqual(['"-1"', '12']);
    expect(await lines({ kind: 'datetime' }, ['2035-10-30 16:33:25'], { separator: ':' })).toEqual([
      '"2035-10-30T16:33:25Z"',
    ]);
    const columns = ['ab', 'cb'].map((name) => ({ name, type: string }));
    expect(String(await written(csv.openForWriting({ separator: 'b' }), columns, []))).toBe('"ab"b"cb"\n');
  });

  it('keeps a record of one empty field', async () => {
    expect(await lines(string, ['', null, 'a'])).toEqual(['""', '""', 'a']);
  });

  it('without quotes refuses what would need them, and names the column only', async () => {
    expect(await lines(string, ['a"b'], { quote: '' })).toEqual(['a"b']);
    for (const value of ['secret,', 'secret\n', null]) {
      expect(await rejection(textOf(string, [value], { quote: '' }))).toMatchObject({
        code: 'DestinationRefused',
        message:
          'column "a" has a value that cannot be written without quotes: set quote in the settings of the format',
      });
    }
  });

  it('refuses settings that contradict each other', () => {
    expect(() => csv.openForWriting({ separator: '"' })).toThrow('must differ from separator');
    expect(() => csv.openForWriting({ separator: '\n' })).toThrow(expect.objectContaining({ code: 'InvalidSettings' }));
  });

  it('is read back by our own reader as it was written', async () => {
    const settings = fc.record({
      separator: fc.constantFrom(',', ';', '\t', '|', ' ', 'e', '-', '1', ']', '^', '\\'),
      quote: fc.constantFrom('"', "'", '$'),
    });
    const property = fc.asyncProperty(tables, settings, fc.boolean(), async (table, { separator, quote }, useCRLF) => {
      const { columns, batches } = table;
      const format = csv.openForWriting({ separator, quote, useCRLF });
      const file = await written(format, columns, batches);
      const read = await readFile(csv.open({ separator, quote }), contentOf(file, 50));
      expect(read.unreadable).toEqual([]);
      expect(read.columns.map(({ name }) => name)).toEqual(columns.map(({ name }) => name));
      const expected = await Promise.all(
        batches.flat().map((row) =>
          Promise.all(
            row.map(async (value, index) => {
              // What the field alone is, with a separator that nothing has.
              const type = columns[index]?.type as Type;
              const alone = await textOf(type, [value], { separator: '\u0001', quote: '\u0002' });
              const field = alone.slice(2, -1);
              return field.startsWith('\u0002') ? field.slice(1, -1) : field;
            }),
          ),
        ),
      );
      expect(read.rows).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
