import type { StagedRow, WarehouseColumn } from '@penstock/engine';
import type { Type } from '@penstock/language';
import type { Client } from 'pg';
import { expect } from 'vitest';
import type { SchemaAlteration } from '../../src/index.js';
import { PIPELINE, WORKSPACE } from './people.js';
import { profileId, setProfiles } from './profile-rows.js';
import { type PostgresqlUnderTest, schemaOf, type TestDatabase } from './test-database.js';
import { type ImportOptions, TestWarehouse } from './test-warehouse.js';

/** Columns of texts, or of another type, with these names. */
export function textColumns(names: readonly string[], type: Type = { kind: 'string' }): WarehouseColumn[] {
  return names.map((name) => ({ path: name, column: name, type }));
}

let operations = 0;

/** An alteration with a name of its own. */
export function alteration(
  before: readonly WarehouseColumn[],
  after: readonly WarehouseColumn[],
  kept: Readonly<Record<string, string>>,
): SchemaAlteration {
  return { workspace: WORKSPACE, operation: `operation-${++operations}`, before, after, kept };
}

/** Names and types of the columns of the profile schema that the tables of a place have. */
export async function columnsOf(client: Client, settings: unknown, table: string): Promise<string[]> {
  const { rows } = await client.query<{ shown: string }>(
    `SELECT attname || ' ' || format_type(atttypid, atttypmod) AS shown FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attname !~ '^_' ORDER BY attname`,
    [`${schemaOf(settings)}.${table}`],
  );
  return rows.map(({ shown }) => shown);
}

/** {@link columnsOf} the identities, of one of their partitions, and of the profiles. */
export async function shapesOf(client: Client, settings: unknown): Promise<string[][]> {
  const shapes: string[][] = [];
  for (const table of ['penstock_identities', `penstock_identities_${PIPELINE}`, 'penstock_profiles']) {
    shapes.push(await columnsOf(client, settings, table));
  }
  return shapes;
}

/** Rows of identities whose values are the names of their columns. */
export function rowsOf(columns: readonly WarehouseColumn[], ...userIds: string[]): ImportOptions {
  const mapped = columns.map(({ path }) => path);
  return { columns, mapped, rows: userIds.map((id): StagedRow => [id, '2024-01-01 00:00:00', ...mapped]) };
}

/** Each property keeps its values. */
export function sameNames(columns: readonly WarehouseColumn[]): Record<string, string> {
  return Object.fromEntries(columns.map(({ path }) => [path, path]));
}

/** What tests of alterations do with a database, each in places of its own. */
export class AlterationBench {
  readonly #database: TestDatabase;
  readonly #underTest: PostgresqlUnderTest;

  constructor(database: TestDatabase, underTest: PostgresqlUnderTest) {
    this.#database = database;
    this.#underTest = underTest;
  }

  /** A warehouse with an identity `u1` and a profile, whose values are the names of their columns. */
  async open(columns: readonly WarehouseColumn[]): Promise<TestWarehouse> {
    const warehouse = await TestWarehouse.create(this.#underTest.platform, await this.#underTest.newPlace(), columns);
    await warehouse.import(rowsOf(columns, 'u1'));
    const values = columns.map(({ path }) => path);
    const rows = [{ id: profileId(1), values }];
    await setProfiles(this.#database.client, warehouse.settings, { rows, columns });
    return warehouse;
  }

  alter({ settings }: TestWarehouse, change: SchemaAlteration, signal?: AbortSignal): Promise<boolean> {
    return this.#underTest.platform.alterSchema(settings, change, signal ?? new AbortController().signal);
  }

  shapes({ settings }: TestWarehouse): Promise<string[][]> {
    return shapesOf(this.#database.client, settings);
  }

  /** The values of the identity, which are those of the profile as well. */
  async valuesOf(warehouse: TestWarehouse, columns: readonly WarehouseColumn[]): Promise<unknown> {
    const [identity] = (await warehouse.identities(columns)).filter(({ userId }) => userId === 'u1');
    const profile = await warehouse.warehouse.findProfile(profileId(1), columns);
    expect(profile?.attributes).toEqual(identity?.attributes);
    return identity?.attributes;
  }
}
