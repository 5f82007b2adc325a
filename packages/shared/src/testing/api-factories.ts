import { type DatabaseImportDefinition, generateApiKey, hashApiKey, newEntityId } from '@penstock/domain';
import type { Secrets } from '../platform/secrets.js';
import type { TestDatabase } from './test-database.js';

const text = (name: string, flags: object) => ({ name, type: { kind: 'string' }, ...flags, description: '' });

export const API_PROFILE_SCHEMA = {
  kind: 'object',
  properties: [text('email', { readOptional: true }), text('country', { readOptional: true })],
};

export const API_DEFINITION: DatabaseImportDefinition = {
  kind: 'import-from-database',
  query: 'SELECT id, email, updated_at FROM users',
  userIDColumn: 'id',
  updatedAtColumn: 'updated_at',
  updatedAtFormat: null,
  filter: null,
  inSchema: {
    kind: 'object',
    properties: [
      text('id', {}),
      text('email', { nullable: true }),
      { name: 'updated_at', type: { kind: 'datetime' }, nullable: true, description: '' },
    ],
  },
  outSchema: { kind: 'object', properties: [text('email', { readOptional: true })] },
  transformation: { mapping: { email: 'email' } },
};

export const API_SETTINGS = {
  host: '127.0.0.1',
  port: 5432,
  username: 'reader',
  password: 'hunter2-source',
  database: 'app',
};

export interface ConnectionOptions {
  readonly role?: string;
  readonly connector?: string;
  readonly settings?: object;
}

/** Puts rows into a control database without the api, so that a test of one endpoint does not depend on the others. */
export class ApiFactories {
  readonly #database: TestDatabase;
  readonly #secrets: Secrets;

  constructor(database: TestDatabase, secrets: Secrets) {
    this.#database = database;
    this.#secrets = secrets;
  }

  /** A key of a workspace, or of an admin when none is given. */
  async key(workspace: number | null): Promise<string> {
    const key = generateApiKey();
    await this.#database.query('INSERT INTO api_keys (workspace_id, name, hash, hint) VALUES ($1, $2, $3, $4)', [
      workspace,
      'test',
      hashApiKey(key),
      key.slice(0, 10),
    ]);
    return key;
  }

  /** A workspace whose warehouse was never initialised: enough for everything that does not look into it. */
  async workspace(warehouse: object = API_SETTINGS): Promise<number> {
    const id = newEntityId();
    await this.#database.query(
      `INSERT INTO workspaces (id, name, warehouse_platform, warehouse_settings, profile_schema) VALUES ($1, $2, 'PostgreSQL', $3, $4)`,
      [id, `Workspace ${id}`, this.#secrets.encrypt(JSON.stringify(warehouse)), API_PROFILE_SCHEMA],
    );
    return id;
  }

  async connection(
    workspace: number,
    { role = 'Source', connector = 'postgresql', settings = API_SETTINGS }: ConnectionOptions = {},
  ): Promise<number> {
    const id = newEntityId();
    await this.#database.query(
      `INSERT INTO connections (id, workspace_id, name, connector, role, settings) VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, workspace, `Connection ${id}`, connector, role, this.#secrets.encrypt(JSON.stringify(settings))],
    );
    return id;
  }

  /** A pipeline with a connection of its own. */
  async pipeline(
    workspace: number,
    {
      enabled = true,
      updatedAtColumn = 'updated_at',
    }: { readonly enabled?: boolean; readonly updatedAtColumn?: string | null } = {},
  ): Promise<number> {
    const id = newEntityId();
    await this.#database.query(
      `INSERT INTO pipelines (id, workspace_id, connection_id, kind, target, name, enabled, has_update_time, schedule_seed)
       VALUES ($1, $2, $3, 'import-from-database', 'User', 'Users', $4, $5, 123456789)`,
      [id, workspace, await this.connection(workspace), enabled, updatedAtColumn !== null],
    );
    await this.#database.query('INSERT INTO pipeline_versions (pipeline_id, version, definition) VALUES ($1, 1, $2)', [
      id,
      { ...API_DEFINITION, updatedAtColumn },
    ]);
    return id;
  }

  /** Runs of a pipeline that have ended, one a second; returns their ids in the order of time. */
  async endedRuns(workspace: number, pipeline: number, count: number): Promise<number[]> {
    const rows = await this.#database.query<{ id: string }>(
      `INSERT INTO runs (workspace_id, pipeline_id, version, status, trigger, incremental, start_time, end_time, passed, failed,
         added, changed, unchanged, removed, epoch, claimed_at, heartbeat_at, worker)
       SELECT $1, $2, 1, 'succeeded', 'api', false, timestamptz '2026-01-01Z' + i * interval '1 second',
         timestamptz '2026-01-01Z' + i * interval '1 second' + interval '10 seconds', '{100,99,0,98,97,96}', '{0,1,0,1,1,1}',
         40, 30, 26, 5, 1, timestamptz '2026-01-01Z' + i * interval '1 second', NULL, 'worker-1'
       FROM generate_series(1, $3::int) AS i RETURNING id`,
      [workspace, pipeline, count],
    );
    return rows.map(({ id }) => Number(id));
  }
}
