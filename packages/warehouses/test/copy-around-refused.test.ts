import { copyStream, RowEncoder, TEXT } from '@penstock/postgresql';
import fc from 'fast-check';
import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { copyAroundRefused, type RefusedRow } from '../src/postgresql/copy-around-refused.js';

function refusal(where: string | undefined): DatabaseError {
  const error = new DatabaseError('value too long', 0, 'error');
  error.code = '22001';
  error.where = where;
  return error;
}

/** The ids in rows of a binary COPY with the id alone, and the sequence. */
function idsIn(rows: Buffer): string[] {
  const ids: string[] = [];
  for (let at = 0; at < rows.length; ) {
    const size = rows.readInt32BE(at + 2);
    ids.push(rows.toString('utf8', at + 6, at + 6 + size));
    at += 6 + size + 12;
  }
  return ids;
}

describe('copying around refused rows', () => {
  const hints = {
    'which line it is': (line: number) => `COPY stage, line ${line}, column email`,
    'nothing of use': () => undefined,
    'it in another language': (line: number) => `COPY stage, Zeile ${line}, Spalte email`,
    'a line that cannot be': (line: number) => `COPY stage, line ${line * 1000}`,
  };

  for (const [says, where] of Object.entries(hints)) {
    it(`copies all good rows once, in order, when the server says ${says}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 300 }), async (isBad) => {
          const encoder = new RowEncoder([{ path: 'id', encode: TEXT.encode }]);
          isBad.forEach((bad, index) => void encoder.add([`${bad ? 'bad' : 'good'} ${index}`], index));
          const copied: string[] = [];
          const refused: RefusedRow[] = [];
          let copies = 0;
          const copy = async (rows: Buffer): Promise<void> => {
            copies++;
            const ids = idsIn(rows);
            const bad = ids.findIndex((id) => id.startsWith('bad'));
            if (bad >= 0) throw refusal(where(bad + 1));
            copied.push(...ids);
          };
          const { bytes } = encoder.take();
          const first = await copy(bytes).then(
            () => undefined,
            (error: unknown) => error,
          );
          if (first === undefined) return;
          const accepted = await copyAroundRefused(bytes, { copy, onRefused: (row) => refused.push(row) }, first);
          const ids = isBad.map((bad, index) => `${bad ? 'bad' : 'good'} ${index}`);
          expect(copied).toEqual(ids.filter((id) => id.startsWith('good')));
          expect(refused.map(({ userId }) => userId)).toEqual(ids.filter((id) => id.startsWith('bad')));
          expect(accepted).toBe(copied.length);
          expect(copies).toBeLessThanOrEqual(2 * refused.length * (Math.log2(ids.length) + 3) + 2);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('takes few copies for one bad row among many when the server says which', async () => {
    const encoder = new RowEncoder([{ path: 'id', encode: TEXT.encode }]);
    for (let index = 0; index < 16_384; index++) encoder.add([index === 9_999 ? 'bad' : `good ${index}`], index);
    let copies = 0;
    const copy = async (rows: Buffer): Promise<void> => {
      copies++;
      const bad = idsIn(rows).indexOf('bad');
      if (bad >= 0) throw refusal(`COPY stage, line ${bad + 1}`);
    };
    const error = refusal('COPY stage, line 10000');
    expect(await copyAroundRefused(encoder.take().bytes, { copy, onRefused: () => {} }, error)).toBe(16_383);
    expect(copies).toBe(4);
  });

  it('passes on what is not about rows', async () => {
    const encoder = new RowEncoder([{ path: 'id', encode: TEXT.encode }]);
    for (const id of ['a', 'b']) encoder.add([id], 0);
    const copy = async (): Promise<void> => Promise.reject(new Error('connection lost'));
    const around = { copy, onRefused: () => expect.fail() };
    await expect(copyAroundRefused(encoder.take().bytes, around, refusal(undefined))).rejects.toThrow(
      'connection lost',
    );
  });

  it('is fed what a COPY begins and ends with', () => {
    const [signature, rows, trailer] = copyStream(Buffer.from('rows'));
    expect(signature?.toString('latin1')).toBe('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0');
    expect(rows?.toString()).toBe('rows');
    expect(trailer).toEqual(Buffer.from([0xff, 0xff]));
  });
});
