import { isPropertyName } from '@penstock/language';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { json } from '../src/json/json.js';
import { INCOMPLETE, JsonScanner } from '../src/json/json-scanner.js';
import { contentOf, readFile } from './read-format.js';
import { rejection } from './read-source.js';

const key = fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', 'id'), fc.string({ unit: 'binary', maxLength: 4 }));
const member = fc
  .jsonValue({ maxDepth: 3, noUnicodeString: false })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const record = fc
  .uniqueArray(fc.tuple(key, member), { selector: ([name]) => name, maxLength: 6 })
  .map((entries) => entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value, null, 2)}`));
const blank = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
const chunkBytes = fc.integer({ min: 1, max: 40 });

const names = ['a', 'b', 'c', 'id', '__proto__'];
const settings = { properties: names.map((name) => ({ key: name, value: 'f' })) };

async function read(text: string, bytes: number) {
  const result = await readFile(json.open(settings), contentOf(text, bytes));
  expect(result.unreadable).toEqual([]);
  return result.rows.map((row) => row.map((field) => (field === undefined ? undefined : JSON.parse(String(field)))));
}

/** The members that are read, as JSON.parse has them. */
function parsed(text: string): unknown[][] {
  const records = JSON.parse(text) as Record<string, unknown>[];
  return records.map((object) => names.map((name) => (Object.hasOwn(object, name) ? object[name] : undefined)));
}

describe('any records', () => {
  it('have the values that JSON.parse finds, in any layout and in chunks of any size', async () => {
    const property = fc.asyncProperty(fc.array(record), blank, chunkBytes, async (records, space, bytes) => {
      const objects = records.map((members) => `{${space}${members.join(`${space},${space}`)}${space}}`);
      const array = `${space}[${space}${objects.join(`${space},${space}`)}${space}]${space}`;
      const expected = parsed(array);
      expect(await read(array, bytes)).toEqual(expected);
      expect(await read(`{"records":${array}}`, bytes)).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it('have the same values in lines', async () => {
    const property = fc.asyncProperty(fc.array(record, { minLength: 2 }), chunkBytes, async (records, bytes) => {
      const lines = records.map((members) => JSON.stringify(JSON.parse(`{${members.join(',')}}`)));
      expect(await read(lines.join('\n'), bytes)).toEqual(parsed(`[${lines.join(',')}]`));
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it('have the columns that they have keys', async () => {
    const property = fc.asyncProperty(fc.array(record, { minLength: 1 }), chunkBytes, async (records, bytes) => {
      const text = `[${records.map((members) => `{${members.join(',')}}`).join(',')}]`;
      const objects = JSON.parse(text) as object[];
      const keys = new Set(objects.flatMap((object) => Object.keys(object)).filter(isPropertyName));
      fc.pre(keys.size > 0);
      const { columns } = await readFile(json.open({}), contentOf(text, bytes));
      expect(columns.map(({ name }) => name)).toEqual([...keys]);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});

describe('a file of several windows', () => {
  const object = '{"id" : -1.5e+3 , "a":"é日👩\\u00e9\\"","x":[true,{"b":null}],"b":{"a":"日"}}';
  const row = ['"é日👩\\u00e9\\""', '{"a":"日"}', undefined, '-1.5e+3', undefined];
  // The beginning of a file, from which its shape is found out, is one window.
  const filler = `{"x":"${'x'.repeat(8 * 1024)}"}`;
  const first = (separator: string) => new Array(130).fill(filler).join(separator);
  const COUNT = 1_500;
  const layouts: [what: string, text: string][] = [
    ['an array', `[${first(',')},${`${object},\r\n`.repeat(COUNT)}{}]`],
    ['an object around an array', `{"é":[${first(',')},${`${object} , `.repeat(COUNT)}{}]}`],
    ['lines', `${first('\n')}\n${`${object}\n`.repeat(COUNT)}`],
    ['objects', `${first(' ')}${`${object} `.repeat(COUNT)}`],
  ];

  it.each(layouts)('is read completely wherever it is cut: %s', async (_what, text) => {
    // Windows have a fixed size: what moves is the text in them.
    for (let shift = 0; shift < Buffer.byteLength(object); shift += 2) {
      const content = contentOf(' '.repeat(shift) + text, 64 * 1024 - 1);
      const { rows, unreadable } = await readFile(json.open(settings), content);
      expect(unreadable).toEqual([]);
      const whole = JSON.stringify(row);
      expect(rows.filter((found) => JSON.stringify(found) === whole)).toHaveLength(COUNT);
    }
  });

  it.each(layouts)('says the place of what is wrong: %s', async (what, text) => {
    const at = text.length - 20_000;
    const place = text.slice(0, text.indexOf('true', at)).split('\n');
    const message = `line ${place.length}, column ${(place.at(-1)?.length ?? 0) + 2}:`;
    const wrong = text.slice(0, at) + text.slice(at).replace('true', 'tRue');
    const reading = readFile(json.open(settings), contentOf(wrong, 1000));
    if (what === 'lines') expect((await reading).unreadable).toHaveLength(1);
    else expect(await rejection(reading)).toMatchObject({ message: expect.stringContaining(message) });
  });
});

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A text of JSON, and the same with some characters replaced, left out or added. */
const mutated = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(1), fc.constantFrom(...'[]{},:"\\0123456789.eE+-tfnulrs \n\tax\u0001', '')), {
      maxLength: 3,
    }),
  )
  .map(([text, changes]) =>
    changes.reduce((result, [position, removed, added]) => {
      const at = position % (result.length + 1);
      return result.slice(0, at) + added + result.slice(at + removed);
    }, text),
  );

describe('the scanner', () => {
  it('agrees with JSON.parse on what is valid', () => {
    const property = fc.property(mutated, (text) => {
      const padded = `${text} `;
      const start = padded.search(/[^ \t\r\n]/);
      const end = start === -1 ? INCOMPLETE : new JsonScanner().endOfValue(padded, start, padded.length);
      expect(end >= 0 && padded.slice(end).trim() === '').toBe(isParsed(text));
    });
    fc.assert(property, { numRuns: 20_000 });
  });

  it('finds every beginning of a value to be incomplete', () => {
    const property = fc.property(fc.json({ maxDepth: 4 }), (text) => {
      const scanner = new JsonScanner();
      const value = `[${text}]`;
      for (let end = 0; end < value.length; end++) expect(scanner.endOfValue(value, 0, end)).toBe(INCOMPLETE);
      expect(scanner.endOfValue(value, 0, value.length)).toBe(value.length);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
