import { randomBytes } from 'node:crypto';
import { createConnectionPools } from '@penstock/connectors';
import {
  type DatabaseImportDefinition,
  type FileImportDefinition,
  hasUpdateTime,
  newEntityId,
  type PipelineDefinition,
  type RunStatus,
} from '@penstock/domain';
import { createFunctionSandboxes } from '@penstock/functions';
import { leafProperties, parseSchema } from '@penstock/language';
import {
  createDatabase,
  createLogger,
  createRateLimits,
  createRedis,
  createSecrets,
  parseMasterKeys,
  timingsSchema,
} from '@penstock/shared/platform';
import { createQueues } from '@penstock/shared/queues';
import { findRun, type RunRow } from '@penstock/shared/repositories';
import {
  connectionSettings,
  createEmptyDatabase,
  createTestDatabase,
  createTestRedis,
  eventually,
  type TestDatabase,
} from '@penstock/shared/testing';
import { createRunInserter, type Dependencies, startRun } from '@penstock/shared/use-cases';
import { createWarehousePlatforms, createWarehousePools } from '@penstock/warehouses';
import { type WorkerFault, WorkerProcess } from './worker-process.js';

const HOUR_MS = 3_600_000;

/** Clocks that make crash tests quick; their relations are those of the product. */
export const QUICK = {
  heartbeatMs: 200,
  staleAfterMs: 1_500,
  recoveryEveryMs: 300,
  lockTtlMs: 1_500,
  lockRenewMs: 400,
  reconcileEveryMs: 500,
  retryDelaysMs: [200, 300, 400],
};

export const PROFILE_SCHEMA = {
  kind: 'object',
  properties: [
    { name: 'email', type: { kind: 'string' }, readOptional: true, description: '' },
    { name: 'country', type: { kind: 'string', maxLength: 2 }, readOptional: true, description: '' },
    { name: 'signup', type: { kind: 'date' }, readOptional: true, description: '' },
    { name: 'value', type: { kind: 'decimal', precision: 10, scale: 2 }, readOptional: true, description: '' },
    { name: 'logins', type: { kind: 'int', bitSize: 32 }, readOptional: true, description: '' },
    {
      name: 'home',
      type: {
        kind: 'object',
        properties: [
          { name: 'city', type: { kind: 'string' }, readOptional: true, description: '' },
          { name: 'zip', type: { kind: 'string', maxLength: 5 }, readOptional: true, description: '' },
        ],
      },
      readOptional: true,
      description: '',
    },
  ],
};

/** The columns of the profile schema. */
const COLUMNS = leafProperties(parseSchema(PROFILE_SCHEMA)).map(({ path, column, property }) => ({
  path,
  column,
  type: property.type,
}));

const IN_SCHEMA = {
  kind: 'object',
  properties: [
    { name: 'id', type: { kind: 'string' }, nullable: true, description: '' },
    { name: 'email', type: { kind: 'string' }, nullable: true, description: '' },
    { name: 'country', type: { kind: 'string' }, nullable: true, description: '' },
    { name: 'signup', type: { kind: 'string' }, nullable: true, description: '' },
    { name: 'value', type: { kind: 'string' }, nullable: true, description: '' },
    { name: 'logins', type: { kind: 'int', bitSize: 32 }, nullable: true, description: '' },
    { name: 'updated_at', type: { kind: 'datetime' }, nullable: true, description: '' },
  ],
};

export const DEFINITION: DatabaseImportDefinition = {
  kind: 'import-from-database',
  query: 'SELECT * FROM users WHERE updated_at >= ${updated_at} OR ${updated_at} IS NULL',
  userIDColumn: 'id',
  updatedAtColumn: 'updated_at',
  updatedAtFormat: null,
  filter: null,
  inSchema: IN_SCHEMA,
  outSchema: PROFILE_SCHEMA,
  transformation: {
    mapping: { email: 'email', country: 'country', signup: 'signup', value: 'value', logins: 'logins' },
  },
};

/** The properties of {@link PROFILE_SCHEMA} that have the given names. */
export function profileProperties(...names: string[]) {
  return { kind: 'object', properties: PROFILE_SCHEMA.properties.filter(({ name }) => names.includes(name)) };
}

interface PipelineSettings {
  readonly incremental?: boolean;
  readonly cursorOverlapMs?: number;
  readonly maxRemovedShare?: number | null;
}

export interface ScenarioOptions {
  /** Whether imports ask for a resolution. One that a killed worker leaves is carried out by another, at any time during later tests. */
  readonly runOnBatchImport?: boolean;
}

export interface PipelineOptions extends PipelineSettings {
  /** Another one than that of the scenario. */
  readonly connection?: number;
  readonly definition?: Partial<DatabaseImportDefinition>;
}

export interface FilePipelineOptions extends PipelineSettings {
  readonly connection: number;
  readonly definition: Partial<FileImportDefinition>;
}

/** An import of the columns `id`, `email` and `updated_at` of `users.csv`. */
export const FILE_DEFINITION: FileImportDefinition = {
  kind: 'import-from-file',
  format: 'csv',
  path: 'users.csv',
  sheet: null,
  compression: null,
  formatSettings: {},
  userIDColumn: 'id',
  updatedAtColumn: null,
  updatedAtFormat: null,
  filter: null,
  inSchema: {
    kind: 'object',
    properties: [
      { name: 'id', type: { kind: 'string' }, description: '' },
      { name: 'email', type: { kind: 'string' }, description: '' },
    ],
  },
  outSchema: PROFILE_SCHEMA,
  transformation: { mapping: { email: 'email' } },
};

/** A workspace with a warehouse and a source of its own, and everything that starts runs and workers in it. */
export class Scenario {
  readonly workspace = newEntityId();
  readonly connection = newEntityId();
  /** Lets a schedule of an hour be due a third of an hour from now: no test is at work then, whenever it begins. */
  readonly scheduleSeed = (Date.now() + HOUR_MS / 3) % HOUR_MS;
  readonly control: TestDatabase;
  readonly source: TestDatabase;
  readonly warehouse: TestDatabase;
  readonly redis = createTestRedis();
  readonly deps: Dependencies;
  private readonly warehousePools = createWarehousePools();
  private readonly masterKey = randomBytes(32).toString('base64');
  private readonly workers: WorkerProcess[] = [];

  private constructor(control: TestDatabase, source: TestDatabase, warehouse: TestDatabase) {
    this.control = control;
    this.source = source;
    this.warehouse = warehouse;
    const redis = createRedis(this.redis.url, { role: 'worker' });
    const database = createDatabase({ url: control.url, poolSize: 8, applicationName: 'penstock test' });
    this.deps = {
      database,
      runInserter: createRunInserter(database),
      redis,
      redisPrefix: this.redis.prefix,
      queues: createQueues({ redis, prefix: this.redis.prefix }),
      secrets: createSecrets(parseMasterKeys(this.masterKey)),
      logger: createLogger({ level: 'error', service: 'test' }),
      periods: PERIODS,
      connectionPools: createConnectionPools(),
      fileAccess: { filesystemRoot: null, allowPrivateNetworks: true, maxFileBytes: 2 ** 36 },
      applicationAccess: {
        allowPrivateNetworks: true,
        limits: createRateLimits(redis, { prefix: this.redis.prefix }),
      },
      warehouses: createWarehousePlatforms(this.warehousePools),
      functions: createFunctionSandboxes({
        languages: ['JavaScript', 'Python'],
        limits: { batchTimeoutMs: 10_000, memoryBytes: 64 * 1024 * 1024 },
      }),
    };
  }

  static async create({ runOnBatchImport = true }: ScenarioOptions = {}): Promise<Scenario> {
    const [control, source, warehouse] = await Promise.all([
      createTestDatabase(),
      createEmptyDatabase(),
      createEmptyDatabase(),
    ]);
    const scenario = new Scenario(control, source, warehouse);
    await scenario.prepare(runOnBatchImport);
    return scenario;
  }

  /** One whose users u1, u2, ... are imported and are profiles, which no worker resolves again. */
  static async withProfiles(users: number): Promise<Scenario> {
    const scenario = await Scenario.create({ runOnBatchImport: false });
    await scenario.createUsers(users, { bad: false });
    const importing = await scenario.start(await scenario.createPipeline());
    await scenario.worker();
    await scenario.runIn(importing, 'succeeded');
    await scenario.killWorkers();
    await scenario.resolve();
    return scenario;
  }

  /** Stops every worker and drops everything. */
  async dispose(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await this.deps.queues.close();
    await Promise.all([this.deps.connectionPools.close(), this.warehousePools.close()]);
    this.deps.redis.disconnect();
    await this.deps.database.close();
    await this.redis.close();
    await Promise.all([this.control.drop(), this.source.drop(), this.warehouse.drop()]);
  }

  createPipeline({ connection = this.connection, definition, ...settings }: PipelineOptions = {}): Promise<number> {
    return this.insertPipeline(connection, { ...DEFINITION, ...definition }, settings);
  }

  createFilePipeline({ connection, definition, ...settings }: FilePipelineOptions): Promise<number> {
    return this.insertPipeline(connection, { ...FILE_DEFINITION, ...definition }, settings);
  }

  /** A pipeline of any kind. */
  createDefined(connection: number, definition: PipelineDefinition, settings: PipelineSettings = {}): Promise<number> {
    return this.insertPipeline(connection, definition, settings);
  }

  /** Resolves what has been imported into profiles, which are the same person where their email is. For one without runOnBatchImport. */
  async resolve(): Promise<void> {
    const platform = this.deps.warehouses.get('PostgreSQL');
    const request = { workspace: this.workspace, columns: COLUMNS, identifiers: ['email'], primarySources: {} };
    await platform.resolveIdentities(connectionSettings(this.warehouse.url), request, new AbortController().signal);
  }

  /** A connection of any connector. */
  async createConnection(connector: string, settings: object): Promise<number> {
    const id = newEntityId();
    await this.control.query(
      `INSERT INTO connections (id, workspace_id, name, connector, role, settings) VALUES ($1, $2, 'Files', $3, 'Source', $4)`,
      [id, this.workspace, connector, this.deps.secrets.encrypt(JSON.stringify(settings))],
    );
    return id;
  }

  private async insertPipeline(
    connection: number,
    definition: PipelineDefinition,
    options: PipelineSettings,
  ): Promise<number> {
    const id = newEntityId();
    await this.control.query(
      `INSERT INTO pipelines (id, workspace_id, connection_id, kind, target, name, enabled, has_update_time, incremental,
         cursor_overlap_ms, max_removed_share, schedule_seed)
       VALUES ($1, $2, $3, $8, 'User', 'Users', true, $4, $5, $6, $7, $9)`,
      [
        id,
        this.workspace,
        connection,
        hasUpdateTime(definition),
        options.incremental ?? false,
        options.cursorOverlapMs ?? 300_000,
        options.maxRemovedShare ?? null,
        definition.kind,
        this.scheduleSeed,
      ],
    );
    await this.control.query('INSERT INTO pipeline_versions (pipeline_id, version, definition) VALUES ($1, 1, $2)', [
      id,
      definition,
    ]);
    return id;
  }

  /** Fills the source's table with `count` users u1, u2, ...; every 100th has a value that is no decimal. */
  async createUsers(count: number, { bad = true }: { readonly bad?: boolean } = {}): Promise<void> {
    await this.source.query(
      `INSERT INTO users (id, email, country, signup, value, logins, updated_at)
       SELECT 'u' || i, 'user' || i || '@example.com', chr(65 + i % 26) || 'X',
         (date '2020-01-01' + i % 1000)::text, CASE WHEN $2 AND i % 100 = 0 THEN 'n/a' ELSE (i % 1000)::text || '.25' END, i % 500,
         timestamptz '2026-01-01 00:00:00+00' + i * interval '1 second'
       FROM generate_series(1, $1::int) AS i`,
      [count, bad],
    );
  }

  start(
    pipeline: number,
    options: { readonly incremental?: boolean | null; readonly allowRemoval?: boolean; readonly full?: boolean } = {},
  ): Promise<number> {
    const { workspace } = this;
    const { incremental = null, allowRemoval = false, full = null } = options;
    return startRun(this.deps, {
      workspace,
      pipeline,
      incremental,
      trigger: 'api',
      requestedBy: null,
      allowRemoval,
      full,
    }).then(({ id }) => id);
  }

  run(id: number): Promise<RunRow | undefined> {
    return findRun(this.deps.database, this.workspace, id);
  }

  /** Waits until a run has one of the given states; any final state when none is given. */
  async runIn(id: number, ...statuses: RunStatus[]): Promise<RunRow> {
    const wanted = statuses.length === 0 ? ['succeeded', 'failed', 'cancelled'] : statuses;
    return eventually(`run ${id} is ${wanted.join(' or ')}`, async () => {
      const run = await this.run(id);
      if (run !== undefined && run.endTime !== null && !wanted.includes(run.status)) {
        throw new Error(`run ${id} ended as ${run.status}: ${run.errorMessage}`);
      }
      return run !== undefined && wanted.includes(run.status) && run;
    });
  }

  /** What the pipeline has in the warehouse, in order, without what differs between runs. */
  identities(pipeline: number): Promise<Record<string, unknown>[]> {
    return this.warehouse.query(
      `SELECT _user_id, _updated_at::text, email, country, signup::text, value::text, logins
       FROM penstock_identities WHERE _pipeline = $1 ORDER BY _user_id`,
      [pipeline],
    );
  }

  errorGroups(run: number): Promise<Record<string, unknown>[]> {
    return this.control.query(
      'SELECT step, code, message, count::int, keys FROM run_error_groups WHERE run_id = $1 ORDER BY count DESC',
      [run],
    );
  }

  /** Gives the connection its own settings again. */
  restoreConnection(): Promise<void> {
    return this.connectTo(this.source.url);
  }

  /** Points the connection at another address of a source. */
  async connectTo(url: string): Promise<void> {
    const settings = JSON.stringify(connectionSettings(url));
    await this.control.query('UPDATE connections SET settings = $1', [this.deps.secrets.encrypt(settings)]);
  }

  /** Starts a worker process and waits until it is ready. */
  worker(fault?: WorkerFault, env: NodeJS.ProcessEnv = {}): Promise<WorkerProcess> {
    const worker = new WorkerProcess({ ...this.env(), ...env }, fault);
    this.workers.push(worker);
    return worker.ready();
  }

  /** Ends all worker processes. */
  async killWorkers(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.kill()));
  }

  env(): NodeJS.ProcessEnv {
    return {
      DATABASE_URL: this.control.url,
      REDIS_URL: this.redis.url,
      PENSTOCK_REDIS_PREFIX: this.redis.prefix,
      PENSTOCK_MASTER_KEY: this.masterKey,
      PENSTOCK_TIMINGS: JSON.stringify(timingsSchema.parse(QUICK)),
      PENSTOCK_PERIODS: JSON.stringify(PERIODS),
      LOG_LEVEL: 'warn',
    };
  }

  private async prepare(runOnBatchImport: boolean): Promise<void> {
    const settings = connectionSettings(this.warehouse.url);
    const owner = { workspace: this.workspace, columns: COLUMNS };
    await this.deps.warehouses.get('PostgreSQL').initialize(settings, owner);
    const { secrets } = this.deps;
    await this.control.query(
      `INSERT INTO workspaces (id, name, warehouse_platform, warehouse_settings, profile_schema, run_on_batch_import)
       VALUES ($1, 'Test', 'PostgreSQL', $2, $3, $4)`,
      [this.workspace, secrets.encrypt(JSON.stringify(settings)), PROFILE_SCHEMA, runOnBatchImport],
    );
    await this.control.query(
      `INSERT INTO connections (id, workspace_id, name, connector, role, settings) VALUES ($1, $2, 'Source', 'postgresql', 'Source', $3)`,
      [this.connection, this.workspace, secrets.encrypt(JSON.stringify(connectionSettings(this.source.url)))],
    );
    await this.source.query(
      'CREATE TABLE users (id text, email text, country text, signup text, value text, logins integer, updated_at timestamptz)',
    );
  }
}

export const PERIODS = {
  '5m': 1_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': HOUR_MS,
  '2h': 7_200_000,
  '3h': 10_800_000,
  '6h': 21_600_000,
  '8h': 28_800_000,
  '12h': 43_200_000,
  '24h': 86_400_000,
};
