import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { createPostgresqlPlatform, createWarehousePools } from '../../src/index.js';
import type { WarehouseTimeouts } from '../../src/postgresql/warehouse-timeouts.js';
import type { AttemptName, HeldPublish, WarehouseUnderTest } from './warehouse-under-test.js';

/** No test waits for `lockMs` to be over: it outlasts what others do meanwhile on a busy machine. */
const TIMEOUTS: WarehouseTimeouts = { lockMs: 20_000, turnMs: 3_000, idleInTransactionMs: 30_000 };

/** A database of its own for a test file. */
export interface TestDatabase {
  readonly name: string;
  /** Settings of the database, without a schema. */
  readonly settings: { host: string; port: number; username: string; password: string; database: string };
  /** A session that stays open until the end, for looking and for interfering. */
  readonly client: Client;
  /** Another session, which the caller ends. */
  connect(): Promise<Client>;
  /** Drops the database. */
  close(): Promise<void>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined) throw new Error('TEST_DATABASE_URL must name a PostgreSQL database, as a superuser');
  const name = `penstock_warehouses_${randomBytes(6).toString('hex')}`;
  const maintenance = new Client({ connectionString: url });
  await maintenance.connect();
  await maintenance.query(`CREATE DATABASE ${name}`);
  const { hostname, port, username, password } = new URL(url);
  const settings = {
    host: decodeURIComponent(hostname),
    port: Number(port || 5432),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password) || 'none',
    database: name,
  };
  const connect = async (): Promise<Client> => {
    const client = new Client({ ...settings, user: settings.username });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const client = await connect();
  return {
    name,
    settings,
    client,
    connect,
    async close() {
      await client.end();
      await maintenance.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await maintenance.end();
    },
  };
}

export interface PostgresqlUnderTest extends WarehouseUnderTest {
  newPlace(): Promise<TestDatabase['settings'] & { schema: string }>;
  close(): Promise<void>;
}

/** PostgreSQL for the conformance suite: each place is a schema of the test database. */
export function postgresqlUnderTest(database: TestDatabase): PostgresqlUnderTest {
  const pools = createWarehousePools({ sessionsPerWarehouse: 20 });
  const { client } = database;
  let places = 0;
  return {
    platform: createPostgresqlPlatform(pools, TIMEOUTS),
    newPlace: async () => ({ ...database.settings, schema: `place_${++places}` }),
    versions: async (settings, pipeline) => {
      const { rows } = await client.query<{ id: string; version: string }>(
        `SELECT _user_id AS id, ctid || ' ' || xmin AS version FROM ${schemaOf(settings)}.penstock_identities
         WHERE _pipeline = $1`,
        [pipeline],
      );
      return new Map(rows.map(({ id, version }) => [id, version]));
    },
    killSessions: async (settings, { run, epoch }) => {
      const { rowCount } = await client.query(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1
         AND pid IN (SELECT pid FROM pg_locks WHERE classid = $2::regclass)`,
        [`penstock ${run}:${epoch}`, `${schemaOf(settings)}.penstock_fences`],
      );
      return rowCount ?? 0;
    },
    passFence: async (settings, { pipeline, run, epoch }) => {
      await client.query(`UPDATE ${schemaOf(settings)}.penstock_fences SET run = $2, epoch = $3 WHERE pipeline = $1`, [
        pipeline,
        run,
        epoch,
      ]);
    },
    leftovers: async (settings) => {
      const { rows } = await client.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r'
         AND relname ~ '^penstock_(stage|keep)_'`,
        [schemaOf(settings)],
      );
      return rows.map(({ name }) => name);
    },
    loseStaged: async (settings, attempt) => {
      await client.query(`TRUNCATE ${stageOf(settings, attempt)}`);
    },
    holdPublish: (settings, attempt) => holdPublish(database, settings, attempt),
    close: () => pools.close(),
  };
}

/**
 * Reads what an attempt has staged, and does not end: its publish sends the rest and compares it, and waits where it wants the table
 * for itself. Locking everybody out would make it wait earlier, where it sends the rest: before it has the fence.
 */
async function holdPublish(database: TestDatabase, settings: unknown, attempt: AttemptName): Promise<HeldPublish> {
  const stage = stageOf(settings, attempt);
  const holder = await database.connect();
  await holder.query(`BEGIN; LOCK TABLE ${stage} IN ACCESS SHARE MODE`);
  return {
    reached: () => waitUntil(() => waitsWithFence(database.client, stage, `${schemaOf(settings)}.penstock_fences`)),
    release: () => holder.end(),
  };
}

/** Whether somebody waits for a table in a transaction that has locked a fence. */
async function waitsWithFence(client: Client, table: string, fences: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM pg_locks AS wanted JOIN pg_locks AS fence USING (database, pid)
     WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND wanted.relation = $1::regclass AND NOT wanted.granted
       AND fence.relation = $2::regclass AND fence.granted AND fence.mode = 'RowShareLock'`,
    [table, fences],
  );
  return rowCount !== 0;
}

/** Locks a table against everybody else. */
export async function holdLock(database: TestDatabase, table: string): Promise<HeldPublish> {
  const holder = await database.connect();
  await holder.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return {
    reached: () => waitUntil(() => hasWaiter(database.client, table)),
    release: () => holder.end(),
  };
}

async function hasWaiter(client: Client, table: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_locks WHERE relation = $1::regclass AND NOT granted', [
    table,
  ]);
  return rowCount !== 0;
}

/** Asks until the answer is yes; the asking itself is what takes time. */
export async function waitUntil(ask: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await ask())) if (Date.now() > deadline) throw new Error('waited for too long');
}

export function stageOf(settings: unknown, { pipeline, run, epoch }: AttemptName): string {
  return `${schemaOf(settings)}.penstock_stage_${pipeline}_${run}_${epoch}`;
}

/** The schema of settings that the tests made. */
export function schemaOf(settings: unknown): string {
  if (typeof settings === 'object' && settings !== null && 'schema' in settings) return String(settings.schema);
  return 'public';
}
