import type { WarehouseColumn } from '@penstock/engine';
import type { Type, Value } from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { TestWarehouse } from '../support/test-warehouse.js';
import type { WarehouseUnderTest } from '../support/warehouse-under-test.js';

const UUID = '01234567-89ab-cdef-0123-456789abcdef';

/** For each type, values that must come back as they went in. */
export const SAMPLES: readonly (readonly [Type, ...Value[]])[] = [
  [{ kind: 'string' }, '', 'plain', 'tab\tline\nreturn\r\\N \\', '日本 ü 😀', 'x'.repeat(5_000), `${'a'.repeat(60)}é`],
  [{ kind: 'string', maxLength: 3 }, 'abc', '日本😀'],
  [{ kind: 'boolean' }, true, false],
  [{ kind: 'int', bitSize: 8 }, -128, 0, 127],
  [{ kind: 'int', bitSize: 8, unsigned: true }, 0, 255],
  [{ kind: 'int', bitSize: 16 }, -32_768, 32_767],
  [{ kind: 'int', bitSize: 16, unsigned: true }, 65_535],
  [{ kind: 'int', bitSize: 24 }, -8_388_608, 8_388_607],
  [{ kind: 'int', bitSize: 32 }, -2_147_483_648, -1, 2_147_483_647],
  [{ kind: 'int', bitSize: 32, unsigned: true }, 4_294_967_295],
  [
    { kind: 'int', bitSize: 64 },
    '-9223372036854775808',
    '-1',
    '0',
    '-4294967296',
    '9007199254740993',
    '9223372036854775807',
  ],
  [{ kind: 'int', bitSize: 64, unsigned: true }, '0', '18446744073709551615'],
  [{ kind: 'float', bitSize: 32 }, 0.5, Math.fround(0.1), Number.POSITIVE_INFINITY],
  [{ kind: 'float', bitSize: 64 }, 0.1, -1e300, 5e-324, Number.NaN, Number.NEGATIVE_INFINITY],
  [
    { kind: 'decimal', precision: 12, scale: 3 },
    '0.000',
    '-0.001',
    '123456789.125',
    '10000.000',
    '-12345678.900',
    '0.050',
  ],
  [{ kind: 'decimal', precision: 76, scale: 37 }, `-${'9'.repeat(39)}.${'9'.repeat(37)}`, `0.${'0'.repeat(36)}1`],
  [{ kind: 'decimal', precision: 5 }, '0', '-99999', '10000'],
  [
    { kind: 'datetime' },
    '0001-01-01 00:00:00',
    '0001-01-01 00:00:00.000001',
    '1999-12-31 23:59:59.999999',
    '2000-02-29 12:00:00.5',
    '9999-12-31 23:59:59',
    '9999-12-31 23:59:59.999999',
  ],
  [{ kind: 'date' }, '0001-01-01', '1900-03-01', '2024-02-29', '9999-12-31'],
  [{ kind: 'time' }, '00:00:00', '23:59:59.999999', '12:30:00.05'],
  [{ kind: 'year' }, 1, 9999],
  [{ kind: 'uuid' }, UUID],
  [
    { kind: 'ip' },
    '0.0.0.0',
    '192.168.1.255',
    '::',
    '::1',
    '2001:db8::ff00:42:8329',
    '::ffff:10.1.2.3',
    '::102:304',
    'fe80:1:2:3:4:5:6:7',
  ],
  [{ kind: 'json' }, 'null', '{"a": [1, null, "x\\ty"]}', '"text"', '12345678901234567890.5'],
  [{ kind: 'array', elementType: { kind: 'string' } }, [], ['a', null, '', 'null', '{"', 'b,c\\']],
  [{ kind: 'array', elementType: { kind: 'int', bitSize: 64 } }, ['9007199254740993', null]],
  [{ kind: 'array', elementType: { kind: 'decimal', precision: 10, scale: 2 } }, ['-1.50', '0.00']],
  [{ kind: 'array', elementType: { kind: 'boolean' } }, [true, false, null]],
  [{ kind: 'array', elementType: { kind: 'datetime' } }, ['2024-01-02 03:04:05.6']],
  [{ kind: 'array', elementType: { kind: 'ip' } }, ['10.0.0.1', '::1']],
  [{ kind: 'array', elementType: { kind: 'json' } }, ['{"a": 1}', 'null', null]],
  [
    { kind: 'array', elementType: { kind: 'array', elementType: { kind: 'int', bitSize: 32 } } },
    [[1, 2], [], [null, 3]],
  ],
  [{ kind: 'map', elementType: { kind: 'int', bitSize: 64 } }, {}, { a: '9007199254740993', __proto__x: null }],
  [
    { kind: 'map', elementType: { kind: 'float', bitSize: 64 } },
    { n: Number.NaN, i: Number.POSITIVE_INFINITY, z: 1.5 },
  ],
  [{ kind: 'object', properties: [{ name: 'at', type: { kind: 'date' }, description: '' }] }, { at: '2024-02-29' }],
];

const COLUMNS: readonly WarehouseColumn[] = SAMPLES.map(([type], index) => ({
  path: `property${index}`,
  column: `property${index}`,
  type,
}));

export function describeValues(underTest: () => WarehouseUnderTest): void {
  describe('values', () => {
    it('brings back every kind as it was, by attaching and by comparing, and finds it unchanged', async () => {
      const warehouse = await TestWarehouse.create(underTest().platform, await underTest().newPlace(), COLUMNS);
      const longest = Math.max(...SAMPLES.map((sample) => sample.length - 1));
      const rows = Array.from({ length: longest }, (_, row) => {
        const values = SAMPLES.map((sample): Value => (row + 1 < sample.length ? (sample[row + 1] as Value) : null));
        return [`row ${row}`, '2024-01-01 00:00:00', ...values] as const;
      });
      const options = { columns: COLUMNS, mapped: COLUMNS.map(({ path }) => path) };
      const expected = rows.map(([, , ...values]) =>
        Object.fromEntries(values.map((value, i) => [`property${i}`, value])),
      );

      await warehouse.import({ ...options, rows });
      expect((await warehouse.identities(COLUMNS)).map(({ attributes }) => attributes)).toEqual(expected);

      expect(await warehouse.import({ ...options, rows })).toMatchObject({ unchanged: rows.length });

      const others = [...rows]
        .reverse()
        .map(([, updatedAt, ...values], index) => [`row ${index}`, updatedAt, ...values] as const);
      await warehouse.import({ ...options, rows: others });
      expect((await warehouse.identities(COLUMNS)).map(({ attributes }) => attributes)).toEqual(
        [...expected].reverse(),
      );
    });

    it('drops digits that it cannot keep instead of rounding up', async () => {
      const columns: WarehouseColumn[] = [
        { path: 'at', column: 'at', type: { kind: 'datetime' } },
        { path: 'time', column: 'time', type: { kind: 'time' } },
      ];
      const warehouse = await TestWarehouse.create(underTest().platform, await underTest().newPlace(), columns);
      const nines = '23:59:59.999999999';
      await warehouse.import({
        columns,
        mapped: ['at', 'time'],
        rows: [['a', `2024-12-31 ${nines}`, `2024-12-31 ${nines}`, nines]],
      });
      expect((await warehouse.identities(columns))[0]).toMatchObject({
        updatedAt: '2024-12-31 23:59:59.999999',
        attributes: { at: '2024-12-31 23:59:59.999999', time: '23:59:59.999999' },
      });
    });

    it('takes properties of any name', async () => {
      const names = ['target', 'staged', 's', 't', 'd', 'select', 'Upper', 'count', 'difference'];
      const columns = names.map((name): WarehouseColumn => ({ path: name, column: name, type: { kind: 'string' } }));
      const warehouse = await TestWarehouse.create(underTest().platform, await underTest().newPlace(), columns);
      const row = (id: string, text: string) => [id, '2024-01-01 00:00:00', ...names.map(() => text)] as const;
      const options = { columns, mapped: names };
      await warehouse.import({ ...options, rows: [row('a', 'x'), row('b', 'x')] });
      const receipt = await warehouse.import({ ...options, rows: [row('a', 'y'), row('c', 'y')] });
      expect(receipt).toMatchObject({ added: 1, changed: 1, removed: 1 });
      const attributes = Object.fromEntries(names.map((name) => [name, 'y']));
      expect((await warehouse.identities(columns)).map((identity) => identity.attributes)).toEqual([
        attributes,
        attributes,
      ]);
    });

    it('tells user ids apart by their bytes', async () => {
      const warehouse = await TestWarehouse.create(underTest().platform, await underTest().newPlace());
      const ids = ['a', 'A', 'á', 'a\u0301', ' a', 'a ', 'z'.repeat(1_024)];
      const rows = ids.map((id) => [id, '2024-01-01 00:00:00', null, null, null, null] as const);
      expect((await warehouse.import({ rows })).added).toBe(ids.length);
      expect((await warehouse.import({ rows })).unchanged).toBe(ids.length);
      expect(new Set(await warehouse.userIds())).toEqual(new Set(ids));
    });
  });
}
