import type { StagedRow, WarehouseColumn } from '@penstock/engine';
import type { Value } from '@penstock/language';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SchemaAlteration } from '../src/index.js';
import { AlterationBench, alteration, columnsOf, rowsOf, sameNames, textColumns } from './support/alterations.js';
import { OTHER_PIPELINE, WORKSPACE } from './support/people.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  schemaOf,
  type TestDatabase,
} from './support/test-database.js';

const AT = '2024-01-01 00:00:00';
const AB = textColumns(['a', 'b']);
const ABC = textColumns(['a', 'b', 'c']);

describe('altering the schema of profiles', () => {
  let database: TestDatabase;
  let underTest: PostgresqlUnderTest;
  let bench: AlterationBench;

  beforeAll(async () => {
    database = await createTestDatabase();
    underTest = postgresqlUnderTest(database);
    bench = new AlterationBench(database, underTest);
  });

  afterAll(async () => {
    await underTest.close();
    await database.close();
  });

  const ab = ['a text', 'b text'];

  it('keeps, renames, drops and adds columns of identities and profiles, as the preview says', async () => {
    const warehouse = await bench.open(ABC);
    const after: WarehouseColumn[] = [
      { path: 'x.a', column: 'x_a', type: { kind: 'string' } },
      { path: 'c', column: 'c', type: { kind: 'string' } },
      { path: 'b', column: 'b', type: { kind: 'array', elementType: { kind: 'int', bitSize: 32 } } },
    ];
    const change = alteration(ABC, after, { 'x.a': 'a', c: 'c' });
    const preview = await underTest.platform.previewAlteration(warehouse.settings, change);
    const schema = schemaOf(warehouse.settings);
    expect(preview).toEqual(
      ['penstock_identities', 'penstock_profiles'].flatMap((table) => [
        `ALTER TABLE "${schema}"."${table}" DROP COLUMN "b";`,
        `ALTER TABLE "${schema}"."${table}" RENAME COLUMN "a" TO "x_a";`,
        `ALTER TABLE "${schema}"."${table}" ADD COLUMN "b" integer[];`,
      ]),
    );
    expect(await bench.shapes(warehouse)).toEqual([
      [...ab, 'c text'],
      [...ab, 'c text'],
      [...ab, 'c text'],
    ]);
    expect(await bench.alter(warehouse, change)).toBe(true);
    const shape = ['b integer[]', 'c text', 'x_a text'];
    expect(await bench.shapes(warehouse)).toEqual([shape, shape, shape]);
    expect(await bench.valuesOf(warehouse, after)).toEqual({ 'x.a': 'a', b: null, c: 'c' });
    const mapped = after.map(({ path }) => path);
    const rows: StagedRow[] = [['u1', AT, 'new', 'c', [1]]];
    expect(await warehouse.import({ columns: after, mapped, rows })).toMatchObject({ changed: 1 });
    expect(await warehouse.import({ columns: after, mapped, rows, pipeline: OTHER_PIPELINE })).toMatchObject({
      added: 1,
    });
  });

  it('swaps names, and moves them in circles', async () => {
    const columns = textColumns(['a', 'b', 'c', 'd', 'e']);
    const warehouse = await bench.open(columns);
    const kept = { a: 'b', b: 'a', c: 'd', d: 'e', e: 'c' };
    expect(await bench.alter(warehouse, alteration(columns, columns, kept))).toBe(true);
    expect(await bench.valuesOf(warehouse, columns)).toEqual(kept);
  });

  it('moves the revisions of profiles whose values moved, and of no others', async () => {
    const warehouse = await bench.open(AB);
    const revision = async () => {
      const { rows } = await database.client.query(
        `SELECT _revision::int AS revision FROM ${schemaOf(warehouse.settings)}.penstock_profiles`,
      );
      return rows[0]?.revision;
    };
    const first = await revision();
    await bench.alter(warehouse, alteration(AB, ABC, sameNames(AB)));
    expect(await revision()).toBe(first);
    await bench.alter(warehouse, alteration(ABC, AB, sameNames(AB)));
    expect(await revision()).toBe(first + 1);
    await bench.alter(warehouse, alteration(AB, AB, { a: 'b', b: 'a' }));
    expect(await revision()).toBe(first + 2);
  });

  it('takes names that every object has for what they are', async () => {
    const columns = textColumns(['constructor', 'a', 'valueOf']);
    const after = textColumns(['constructor', 'toString', 'valueOf']);
    const warehouse = await bench.open(columns);
    expect(await bench.alter(warehouse, alteration(columns, after, { toString: 'a' } as never))).toBe(true);
    expect(await bench.valuesOf(warehouse, after)).toEqual({ constructor: null, toString: 'a', valueOf: null });
  });

  it('lets every value follow its property through any number of alterations', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const step = fc.record({
      after: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
      from: fc.shuffledSubarray(names, { minLength: names.length }),
      isKept: fc.array(fc.boolean(), { minLength: names.length, maxLength: names.length }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
        let before = textColumns(['a', 'b', 'c', 'd']);
        const warehouse = await bench.open(before);
        let expected: Record<string, Value> = sameNames(before);
        for (const { after, from, isKept } of steps) {
          const free = from.filter((name) => name in expected);
          const kept = Object.fromEntries(
            after.flatMap((name, index) => (isKept[index] && free[index] !== undefined ? [[name, free[index]]] : [])),
          ) as Record<string, string>;
          const next = textColumns(after);
          expect(await bench.alter(warehouse, alteration(before, next, kept))).toBe(true);
          const old = expected;
          expected = Object.fromEntries(after.map((name) => [name, old[kept[name] ?? ''] ?? null]));
          expect(await bench.valuesOf(warehouse, next)).toEqual(expected);
          before = next;
        }
        expect(await warehouse.import(rowsOf(before, 'u1', 'u2'))).toMatchObject({ added: 1 });
      }),
      { numRuns: 15 },
    );
  });

  it('is not applied twice, however often it is asked for', async () => {
    const warehouse = await bench.open(AB);
    const swap = alteration(AB, AB, { a: 'b', b: 'a' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => bench.alter(warehouse, swap)));
    expect(answers).toContain(true);
    expect(await bench.alter(warehouse, swap)).toBe(true);
    expect(await bench.valuesOf(warehouse, AB)).toEqual({ a: 'b', b: 'a' });
    expect(await bench.alter(warehouse, alteration(AB, AB, { a: 'b', b: 'a' }))).toBe(true);
    expect(await bench.alter(warehouse, swap)).toBe(true);
    expect(await bench.valuesOf(warehouse, AB)).toEqual({ a: 'a', b: 'b' });
  });

  it('creates the profiles of a warehouse that has none, as the schema was', async () => {
    const warehouse = await bench.open(AB);
    const schema = schemaOf(warehouse.settings);
    await database.client.query(`DROP TABLE IF EXISTS ${schema}.penstock_profiles, ${schema}.penstock_state`);
    expect(await bench.alter(warehouse, alteration(AB, ABC, sameNames(AB)))).toBe(true);
    expect(await columnsOf(database.client, warehouse.settings, 'penstock_profiles')).toEqual([...ab, 'c text']);
  });

  describe('is refused', () => {
    const int = textColumns(['a'], { kind: 'int', bitSize: 32 });
    it.each<[string, Omit<SchemaAlteration, 'workspace' | 'operation'>, string]>([
      ['a new type', { before: AB, after: int, kept: { a: 'a' } }, 'a cannot become integer: a is text'],
      ['a source that is not there', { before: AB, after: AB, kept: { a: 'z' } }, 'a keeps z, which is not in'],
      ['a target that is not there', { before: AB, after: AB, kept: { z: 'a' } }, 'z is not in the new schema'],
      ['two that keep one', { before: AB, after: AB, kept: { a: 'b', b: 'b' } }, 'b keeps b, which a keeps already'],
      ['a name that is too long', { before: AB, after: textColumns(['x'.repeat(64)]), kept: {} }, 'at most 63'],
      ['a name like ours', { before: AB, after: textColumns(['_run']), kept: {} }, 'must not begin'],
      ['other tables', { before: ABC, after: AB, kept: { a: 'a' } }, 'c column c must be text, it does not exist'],
      ['a table with more', { before: AB.slice(1), after: AB, kept: {} }, 'column a is not in the profile schema'],
    ])('%s, and changes nothing', async (_, change, words) => {
      const warehouse = await bench.open(AB);
      const refused = { workspace: WORKSPACE, operation: 'refused', ...change };
      const preview = () => underTest.platform.previewAlteration(warehouse.settings, refused);
      for (const ask of [preview, () => bench.alter(warehouse, refused)]) {
        const error = await ask().catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'InvalidAlterSchema' });
        const { details } = error as { details: { path: string; message: string }[] };
        expect(details.map(({ path, message }) => `${path} ${message}`).join('\n')).toContain(words);
      }
      expect(await bench.shapes(warehouse)).toEqual([ab, ab, ab]);
    });

    it('a name that the server keeps for itself, and changes nothing', async () => {
      const warehouse = await bench.open(AB);
      const change = alteration(AB, textColumns(['a', 'xmin']), { a: 'a' });
      await expect(bench.alter(warehouse, change)).rejects.toMatchObject({
        code: 'InvalidAlterSchema',
        message: expect.stringContaining('xmin'),
      });
      expect(await bench.shapes(warehouse)).toEqual([ab, ab, ab]);
    });

    it('a column that a view of somebody shows; it says which view', async () => {
      const warehouse = await bench.open(AB);
      const schema = schemaOf(warehouse.settings);
      await database.client.query(`CREATE VIEW ${schema}.report AS SELECT b FROM ${schema}.penstock_profiles`);
      const change = alteration(AB, AB.slice(0, 1), { a: 'a' });
      await expect(bench.alter(warehouse, change)).rejects.toMatchObject({
        code: 'InvalidAlterSchema',
        message: expect.stringMatching(/column b .*because other objects depend on it; view .*report depends on/),
      });
      expect(await bench.shapes(warehouse)).toEqual([ab, ab, ab]);
    });

    it('when the server has no room, because of the columns that were dropped', async () => {
      const warehouse = await bench.open(AB);
      const many = (round: number) => [...AB, ...textColumns(Array.from({ length: 390 }, (_, n) => `p${round}_${n}`))];
      let before = AB;
      for (const round of [1, 2, 3, 4]) {
        expect(await bench.alter(warehouse, alteration(before, many(round), sameNames(AB)))).toBe(true);
        before = many(round);
      }
      const fifth = alteration(before, many(5), sameNames(AB));
      await expect(bench.alter(warehouse, fifth)).rejects.toMatchObject({
        code: 'InvalidAlterSchema',
        message: expect.stringContaining('390 properties cannot be added: the data warehouse has room for 32 more'),
      });
      expect(await warehouse.import(rowsOf(before, 'u1', 'u2'))).toMatchObject({ added: 1, changed: 1 });
      const room = textColumns(Array.from({ length: 32 }, (_, n) => `q${n}`));
      expect(await bench.alter(warehouse, alteration(before, [...AB, ...room], sameNames(AB)))).toBe(true);
    });

    it('in a warehouse of somebody else, and in none', async () => {
      const warehouse = await bench.open(AB);
      const other = { ...alteration(AB, ABC, sameNames(AB)), workspace: WORKSPACE + 1 };
      await expect(bench.alter(warehouse, other)).rejects.toMatchObject({ code: 'DifferentWarehouse' });
      const nowhere = underTest.platform.alterSchema(await underTest.newPlace(), other, new AbortController().signal);
      await expect(nowhere).rejects.toMatchObject({
        code: 'WarehouseRefused',
        message: expect.stringContaining('not been initialised'),
      });
    });
  });
});
