import type { RecordFailure } from '@penstock/domain';
import type { StagedRow, WarehouseColumn } from '@penstock/engine';
import type { Value } from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { effectOf, people } from '../support/people.js';
import { TestWarehouse } from '../support/test-warehouse.js';
import type { WarehouseUnderTest } from '../support/warehouse-under-test.js';

const AT = '2024-01-01 00:00:00';
/** What the language accepts and a warehouse may not: `{"a": "\u0000"}`. */
const NUL_JSON = '{"a": "\\u0000"}';

const withCountry = (number: number, country: string): StagedRow => [`user-${number}`, AT, null, country, null, null];
const withExtra = (number: number, extra: string): StagedRow => [`user-${number}`, AT, null, null, null, extra];

export function describeRefusals(underTest: () => WarehouseUnderTest): void {
  const open = async (): Promise<TestWarehouse> =>
    TestWarehouse.create(underTest().platform, await underTest().newPlace());

  describe('records that the warehouse refuses', () => {
    it('fail alone, each with the reason and without its values', async () => {
      const warehouse = await open();
      const refused: RecordFailure[] = [];
      const rows = [...people(1, 300), withCountry(1001, 'secret'), ...people(301, 600), withExtra(1002, NUL_JSON)];
      const receipt = await warehouse.import({ rows: [...rows, ...people(601, 700)], refused });
      expect(refused).toEqual([
        {
          step: 'Finalize',
          code: 'Refused',
          key: 'user-1001',
          message: expect.stringMatching(/^address\.country: .*too long/),
        },
        { step: 'Finalize', code: 'Refused', key: 'user-1002', message: expect.stringMatching(/^extra: /) },
      ]);
      expect(JSON.stringify(refused)).not.toMatch(/secret|u0000/);
      expect(effectOf(receipt)).toMatchObject({ added: 700 });
      expect(receipt.passed[5]).toBe(700);
      expect(receipt.failed[5]).toBe(2);
    });

    it('keep the identities that they have', async () => {
      const warehouse = await open();
      await warehouse.import({ rows: [...people(1, 10), withCountry(1001, 'IT'), withExtra(1002, '{}')] });
      const rows = [...people(1, 9), withCountry(1001, 'secret'), withExtra(1002, NUL_JSON)];
      const receipt = await warehouse.import({ rows });
      expect(effectOf(receipt)).toMatchObject({ unchanged: 9, removed: 1 });
      expect(await warehouse.userIds()).toEqual(expect.arrayContaining(['user-1001', 'user-1002']));
    });

    it('are found exactly, wherever they are in a chunk and however many', async () => {
      const warehouse = await open();
      const isBad = (index: number): boolean => index % 97 === 0 || index < 40 || (index >= 16_350 && index < 16_420);
      const all = people(0, 19_999);
      const rows = all.map((row, index) =>
        isBad(index) ? ([row[0], AT, null, 'too long', null, null] as const) : row,
      );
      const bad = all.filter((_, index) => isBad(index)).map(([id]) => id);
      const refused: RecordFailure[] = [];
      const receipt = await warehouse.import({ rows, refused });
      expect(refused.map(({ key }) => key).sort()).toEqual(bad.sort());
      expect(receipt).toMatchObject({ added: 20_000 - bad.length });
      expect(receipt.failed[5]).toBe(bad.length);
      const published = new Set(await warehouse.userIds());
      expect(published.size).toBe(20_000 - bad.length);
      expect(bad.some((id) => published.has(id))).toBe(false);
    });

    it('do not disturb which of several records with one identifier wins', async () => {
      const warehouse = await open();
      const rows: StagedRow[] = [
        ['a', AT, 'first', null, null, null],
        ['b', AT, null, 'too long', null, null],
        ['a', AT, 'second', null, null, null],
        ['a', AT, 'refused', 'too long', null, null],
      ];
      const receipt = await warehouse.import({ rows });
      expect(effectOf(receipt)).toMatchObject({ added: 1, merged: 1 });
      expect((await warehouse.identities())[0]?.attributes.email).toBe('second');
    });

    it('are those with NUL characters, in any text', async () => {
      const warehouse = await open();
      const refused: RecordFailure[] = [];
      const rows: StagedRow[] = [
        ['nul\0id', AT, null, null, null, null],
        ['short', AT, 'a\0b', null, null, null],
        ['long', AT, `${'x'.repeat(100)}\0`, null, null, null],
        ['good', AT, 'x', null, null, null],
      ];
      expect(effectOf(await warehouse.import({ rows, refused }))).toMatchObject({ added: 1 });
      expect(refused.map(({ key, message }) => [key, message.split(':')[0]])).toEqual([
        ['nul\0id', 'user id'],
        ['short', 'email'],
        ['long', 'email'],
      ]);
    });

    it('are those whose values do not fit the column', async () => {
      const types = {
        small: { kind: 'int', bitSize: 16 },
        integer: { kind: 'int', bitSize: 32 },
        big: { kind: 'int', bitSize: 64 },
        decimal: { kind: 'decimal', precision: 4, scale: 2 },
        date: { kind: 'date' },
        datetime: { kind: 'datetime' },
        time: { kind: 'time' },
        uuid: { kind: 'uuid' },
        ip: { kind: 'ip' },
        json: { kind: 'json' },
        flag: { kind: 'boolean' },
        list: { kind: 'array', elementType: { kind: 'int', bitSize: 32 } },
      } as const;
      const columns: WarehouseColumn[] = Object.entries(types).map(([path, type]) => ({ path, column: path, type }));
      const wrong: [keyof typeof types, Value][] = [
        ['small', 32_768],
        ['integer', 2_147_483_648],
        ['integer', 1.5],
        ['integer', 'text'],
        ['big', '9223372036854775808'],
        ['big', 'text'],
        ['decimal', '100.00'],
        ['decimal', '1e5'],
        ['decimal', ''],
        ['date', '2024-13-01'],
        ['date', 'yesterday'],
        ['datetime', '2024-01-01'],
        ['datetime', '2024-01-01 25:00:00'],
        ['time', '12:00'],
        ['time', '12:00:00.x'],
        ['uuid', '01234567-89ab-cdef-0123-456789abcdeg'],
        ['ip', '1.2.3.4.5'],
        ['ip', 'fe80::1%eth0'],
        ['json', '{'],
        ['flag', 'yes'],
        ['list', [1, 'two']],
        ['list', 'no list'],
      ];
      const warehouse = await TestWarehouse.create(underTest().platform, await underTest().newPlace(), columns);
      const mapped = Object.keys(types);
      const rows = wrong.map(([path, value], index): StagedRow => {
        return [`row ${index}`, AT, ...mapped.map((name) => (name === path ? value : null))];
      });
      const refused: RecordFailure[] = [];
      const receipt = await warehouse.import({ columns, mapped, rows: [...rows, ['good', AT]], refused });
      expect(receipt.added).toBe(1);
      const paths = new Map(refused.map(({ key, message }) => [key, message.split(':')[0]]));
      expect(wrong.map((_, index) => paths.get(`row ${index}`))).toEqual(wrong.map(([path]) => path));
    });

    it('end the run when they are more than a thousand', async () => {
      const warehouse = await open();
      const bad = (count: number): StagedRow[] =>
        Array.from({ length: count }, (_, index) => withCountry(index, index % 2 === 0 ? 'too long' : '\0'));
      expect((await warehouse.import({ rows: [...people(1, 1), ...bad(1_000)] })).failed[5]).toBe(1_000);
      await expect(warehouse.import({ rows: [...people(1, 2), ...bad(1_001)] })).rejects.toMatchObject({
        name: 'StepError',
        step: 'Finalize',
        code: 'TooManyRefusedRecords',
      });
      expect(await warehouse.userIds()).toEqual(['user-0001']);
      expect(await underTest().leftovers(warehouse.settings)).toEqual([]);
    });

    it('leave nothing to publish when they are all', async () => {
      const warehouse = await open();
      const receipt = await warehouse.import({ rows: [withCountry(1, 'too long')] });
      expect(effectOf(receipt)).toEqual({ added: 0, changed: 0, unchanged: 0, removed: 0, merged: 0 });
      expect(receipt.failed[5]).toBe(1);
      expect((await warehouse.import({ rows: people(1, 2) })).added).toBe(2);
    });
  });
}
