import { ArrayLiteralError, CopyFrames, CopyOut, parseArrayLiteral, splitRow } from '@penstock/postgresql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyStatement, trimQuery } from '../src/postgresql/statement.js';

const MAX_ROW_BYTES = 64;

type Found = string;

/** Pushes bytes in pieces of the given sizes, and collects what is found. */
function framesOf(bytes: Buffer, sizes: readonly number[]): Found[] {
  const found: Found[] = [];
  const frames = new CopyFrames(
    {
      row: (chunk, start, end) => found.push(`row ${chunk.toString('latin1', start, end)}`),
      oversized: () => found.push('oversized'),
      other: (message) => found.push(`other ${message.toString('latin1')}`),
    },
    MAX_ROW_BYTES,
  );
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = Math.max(1, sizes[index % sizes.length] ?? bytes.length);
    frames.push(bytes.subarray(at, at + size));
    at += size;
  }
  return found;
}

function message(code: string, body: string): Buffer {
  const bytes = Buffer.from(`${code}....${body}`, 'latin1');
  bytes.writeUInt32BE(body.length + 4, 1);
  return bytes;
}

/** As PostgreSQL writes a field of COPY text. */
function escapeField(field: string | null): string {
  if (field === null) return '\\N';
  const letters: Record<string, string> = { '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v' };
  return field.replace(/[\\\b\f\n\r\t\v]/g, (character) => `\\${letters[character] ?? character}`);
}

const awkward = fc.string({
  unit: fc.constantFrom('\\', 'N', '\t', '\n', 'n', 't', '\r', '\b', '\f', '\v', 'é', '👩', '', 'x'),
});

describe('the COPY protocol', () => {
  it('is read the same wherever the network cuts it', () => {
    const row = fc.string({ unit: 'binary-ascii', maxLength: 100 }).map((text) => ['d', `${text}\n`] as const);
    const other = fc.tuple(
      fc.constantFrom('H', 'N', 'c', 'C', 'Z'),
      fc.string({ unit: 'binary-ascii', maxLength: 100 }),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.oneof(row, other)), sizes, (messages, cuts) => {
        const bytes = Buffer.concat(messages.map(([code, body]) => message(code, body)));
        const expected = messages.map(([code, body]) => {
          if (code !== 'd') return `other ${message(code, body).toString('latin1')}`;
          return body.length - 1 > MAX_ROW_BYTES - 1 ? 'oversized' : `row ${body.slice(0, -1)}`;
        });
        expect(framesOf(bytes, cuts)).toEqual(expected);
      }),
    );
  });

  it('is split into the fields that were written, whatever they hold', () => {
    const rows = fc.array(fc.option(fc.oneof(awkward, fc.string({ unit: 'grapheme' }))), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(rows, (fields) => {
        expect(splitRow(fields.map(escapeField).join('\t'), fields.length)).toEqual(fields);
      }),
    );
  });

  it('is not believed when fewer rows arrived than the server says it sent', async () => {
    const copy = new CopyOut({ statement: 'COPY (SELECT 1) TO STDOUT', columns: 1, checkUtf8: false });
    copy.row(Buffer.from('1'), 0, 1);
    copy.handleCommandComplete({ text: 'COPY 2' });
    copy.handleReadyForQuery();
    await copy.done;
    await expect(copy.batches.take()).rejects.toThrow('received 1 rows');
  });

  it('is not believed when a row has too few fields', () => {
    expect(() => splitRow('a\tb', 3)).toThrow('a row has 2 of 3 columns');
  });
});

describe('array literals', () => {
  it('are read as what was written', () => {
    const element = fc.option(fc.oneof(awkward, fc.constantFrom('NULL', 'null', '{}', '"', ',', ' ', '')));
    const quote = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
    fc.assert(
      fc.property(fc.array(element), (elements) => {
        const text = `{${elements.map((each) => (each === null ? 'NULL' : quote(each))).join(',')}}`;
        expect(parseArrayLiteral(text)).toEqual(elements);
      }),
    );
  });

  it.each(['', '{', 'a', '{{1},{2}}', '{"a}', '{a,{b}}', '{"a"'])('refuses %j', (text) => {
    expect(() => parseArrayLiteral(text)).toThrow(ArrayLiteralError);
  });
});

describe('statements that read', () => {
  it('end the last line of the query, so that a comment there swallows nothing', () => {
    const whole = copyStatement('SELECT 1 -- one', { columns: 1, kept: [0], limit: null });
    expect(whole.text).toBe('COPY (\nSELECT 1 -- one\n) TO STDOUT');
    expect(whole.text.slice(whole.offset)).toMatch(/^SELECT/);
  });

  it('select by position where columns are left out or rows limited', () => {
    const some = copyStatement('SELECT 1, 2, 3', { columns: 3, kept: [0, 2], limit: 5 });
    expect(some.text).toBe('COPY (SELECT c0, c2 FROM (\nSELECT 1, 2, 3\n) AS q (c0, c1, c2) LIMIT 5) TO STDOUT');
    expect(some.text.slice(some.offset)).toMatch(/^SELECT 1/);
  });

  it.each([
    ['SELECT 1', 'SELECT 1'],
    ['SELECT 1 ; ;\n', 'SELECT 1'],
    [';', ''],
    ["SELECT ';'", "SELECT ';'"],
  ])('trim %j to %j', (query, trimmed) => {
    expect(trimQuery(query)).toBe(trimmed);
  });
});
