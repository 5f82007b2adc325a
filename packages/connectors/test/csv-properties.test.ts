import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csv } from '../src/csv/csv.js';
import type { FileContent } from '../src/files/file-format.js';
import { contentOf, readFile } from './read-format.js';

/** The bytes in chunks of the given sizes, again and again. */
function cutContent(bytes: Buffer, sizes: readonly number[]): FileContent {
  const { local } = contentOf(bytes);
  return {
    local,
    stream: async function* () {
      for (let at = 0, index = 0; at < bytes.length; index += 1) {
        const size = sizes[index % sizes.length] ?? bytes.length;
        // What was delivered may be overwritten afterwards, as with a buffer that is used again.
        const chunk = Buffer.from(bytes.subarray(at, at + size));
        yield chunk;
        chunk.fill('"');
        at += size;
      }
    },
  };
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

const field = fc
  .oneof(
    fc.string({
      unit: fc.constantFrom(
        '"',
        ',',
        ';',
        '\n',
        '\r',
        '\r\n',
        ' ',
        '\t',
        'é',
        '漢',
        '👩',
        '\uFEFF',
        '\uFFFD',
        'x',
        '#',
      ),
    }),
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('"', '\n', 'x'), maxLength: 300 }),
  )
  .map((text) => text.replaceAll('\0', ''));

const table = fc
  .integer({ min: 1, max: 5 })
  .chain((columns) =>
    fc.array(fc.array(field, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 12 }),
  );

interface Dialect {
  readonly separator: string;
  readonly quote: string;
  readonly lineBreak: string;
  readonly quoteAll: boolean;
  readonly lastBreak: boolean;
}

const dialect: fc.Arbitrary<Dialect> = fc.record({
  separator: fc.constantFrom(',', ';', '\t', '|', '§', '漢'),
  quote: fc.constantFrom('"', "'", '«'),
  lineBreak: fc.constantFrom('\n', '\r\n', '\r'),
  quoteAll: fc.boolean(),
  lastBreak: fc.boolean(),
});

/** As a careful writer writes it: quotes where they are needed, or everywhere. */
function write(
  rows: readonly (readonly string[])[],
  { separator, quote, lineBreak, quoteAll, lastBreak }: Dialect,
): string {
  const special = [separator, quote, '\n', '\r', '\uFEFF'];
  const lines = rows.map((row) =>
    row
      .map((text) => {
        const needed = quoteAll || (row.length === 1 && text === '') || special.some((part) => text.includes(part));
        return needed ? quote + text.replaceAll(quote, quote + quote) + quote : text;
      })
      .join(separator),
  );
  return lines.join(lineBreak) + (lastBreak ? lineBreak : '');
}

const encodings: Record<string, (text: string) => Buffer> = {
  'utf-8': (text) => Buffer.from(text),
  'utf-16le': (text) => Buffer.from(text, 'utf16le'),
  'utf-16be': (text) => Buffer.from(text, 'utf16le').swap16(),
};

describe('CSV', () => {
  it('comes back as it was written, in every dialect and wherever the chunks are cut', async () => {
    const encoding = fc.constantFrom(...Object.keys(encodings));
    const property = fc.asyncProperty(table, dialect, encoding, sizes, async (rows, how, name, cuts) => {
      const bytes = encodings[name]?.(write(rows, how)) ?? Buffer.alloc(0);
      const { separator, quote } = how;
      const format = csv.open({ separator, quote, encoding: name, hasColumnNames: false });
      const result = await readFile(format, cutContent(bytes, cuts));
      expect(result.unreadable).toEqual([]);
      expect(result.rows).toEqual(rows);
    });
    await fc.assert(property, { numRuns: 1_000 });
  });

  it('with a header comes back as well', async () => {
    const property = fc.asyncProperty(table, dialect, sizes, async (rows, how, cuts) => {
      const header = (rows[0] ?? []).map((_field, index) => `column_${index}`);
      const { separator, quote } = how;
      const bytes = Buffer.from(`\uFEFF${write([header, ...rows], how)}`);
      const result = await readFile(csv.open({ separator, quote }), cutContent(bytes, cuts));
      expect(result.columns.map(({ name }) => name)).toEqual(header);
      expect(result.rows).toEqual(rows);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  const anything = fc.string({
    unit: fc.constantFrom('"', '"', ',', ',', '\n', '\n', '\r\n', 'x', 'é', ' ', '#'),
    maxLength: 60,
  });

  it('is what csv-parse makes of it, whatever the file holds', async () => {
    const property = fc.asyncProperty(anything, sizes, async (text, cuts) => {
      let expected: string[][];
      try {
        expected = parse(text, { relax_column_count: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n'] });
      } catch {
        return;
      }
      const [first] = expected;
      if (first === undefined) return;
      const result = await readFile(csv.open({ hasColumnNames: false }), cutContent(Buffer.from(text), cuts));
      expect(result.rows).toEqual(expected.filter((row) => row.length === first.length));
      expect(result.unreadable).toHaveLength(expected.filter((row) => row.length !== first.length).length);
      expect(result.unreadable.every(({ code }) => code === 'RaggedRecord')).toBe(true);
    });
    await fc.assert(property, { numRuns: 3_000 });
  });

  it.each([{}, { lazyQuotes: true }, { trimLeadingSpace: true }, { lazyQuotes: true, comment: '#' }])(
    'ends in records or in an InvalidFile, the same wherever it is cut, whatever the bytes are: %j',
    async (settings) => {
      const bytes = fc.oneof(
        anything.map((text) => Buffer.from(text)),
        fc
          .array(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x00, 0xff, 0xc3, 0xa9, 0x41), { maxLength: 60 })
          .map(Buffer.from),
      );
      const format = csv.open({ hasColumnNames: false, numberOfColumns: 2, ...settings });
      const outcome = async (content: FileContent): Promise<unknown> => {
        try {
          const { rows, unreadable } = await readFile(format, content);
          return [rows, unreadable.map(({ message, record }) => [message, record?.()])];
        } catch (error) {
          const { code, message } = error as { code: string; message: string };
          expect(['InvalidFile', 'NoColumnsFound']).toContain(code);
          return message;
        }
      };
      const property = fc.asyncProperty(bytes, sizes, async (file, cuts) => {
        expect(await outcome(cutContent(file, cuts))).toEqual(await outcome(contentOf(file)));
      });
      await fc.assert(property, { numRuns: 1_000 });
    },
  );
});
