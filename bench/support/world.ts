import { randomBytes } from 'node:crypto';
import { createConnectionPools } from '@penstock/connectors';
import {
  type DatabaseImportDefinition,
  newEntityId,
  PERIODS_MS,
  type PipelineDefinition,
  type TransformationDefinition,
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
} from '@penstock/shared/platform';
import { createQueues } from '@penstock/shared/queues';
import {
  connectionSettings,
  createEmptyDatabase,
  createTestDatabase,
  createTestRedis,
  type TestDatabase,
} from '@penstock/shared/testing';
import { createRunInserter, type Dependencies } from '@penstock/shared/use-cases';
import { createWarehousePlatforms, createWarehousePools } from '@penstock/warehouses';
import { IN_SCHEMA, PROFILE_SCHEMA } from './users.js';

export interface NewPipeline {
  readonly query: string;
  readonly transformation: TransformationDefinition;
  readonly filter?: DatabaseImportDefinition['filter'];
  readonly incremental?: boolean;
}

/** A source connection that is made for a benchmark, and the pipeline on it. */
export interface ConnectedPipeline {
  readonly connector: string;
  readonly settings: object;
  readonly definition: PipelineDefinition;
}

/** A workspace with its source and warehouse, as a benchmark needs it; the services are those of the machine. */
export interface World {
  readonly workspace: number;
  readonly control: TestDatabase;
  readonly source: TestDatabase;
  readonly warehouse: TestDatabase;
  readonly deps: Dependencies;
  /** Environment of api and worker processes. */
  readonly env: NodeJS.ProcessEnv;
  createPipelines(count: number, pipeline: NewPipeline): Promise<number[]>;
  /** Makes a connection and a pipeline on it; returns the id of the pipeline. */
  createConnected(pipeline: ConnectedPipeline): Promise<number>;
  close(): Promise<void>;
}

/** The schemas of the source's table and of the profiles, in their JSON form. */
export interface WorldSchemas {
  readonly inSchema: unknown;
  readonly profileSchema: unknown;
}

const PLAIN_USERS: WorldSchemas = { inSchema: IN_SCHEMA, profileSchema: PROFILE_SCHEMA };

export async function createWorld(schemas = PLAIN_USERS): Promise<World> {
  const [control, source, warehouse] = await Promise.all([
    createTestDatabase(),
    createEmptyDatabase(),
    createEmptyDatabase(),
  ]);
  const redisServer = createTestRedis();
  const masterKey = randomBytes(32).toString('base64');
  const redis = createRedis(redisServer.url, { role: 'worker' });
  const warehousePools = createWarehousePools();
  const database = createDatabase({ url: control.url, poolSize: 16, applicationName: 'penstock bench' });
  const deps: Dependencies = {
    database,
    runInserter: createRunInserter(database),
    redis,
    redisPrefix: redisServer.prefix,
    queues: createQueues({ redis, prefix: redisServer.prefix }),
    secrets: createSecrets(parseMasterKeys(masterKey)),
    logger: createLogger({ level: 'error', service: 'bench' }),
    periods: PERIODS_MS,
    connectionPools: createConnectionPools(),
    fileAccess: { filesystemRoot: null, allowPrivateNetworks: true, maxFileBytes: 2 ** 36 },
    applicationAccess: {
      allowPrivateNetworks: true,
      limits: createRateLimits(redis, { prefix: redisServer.prefix }),
    },
    warehouses: createWarehousePlatforms(warehousePools),
    functions: createFunctionSandboxes({
      languages: ['JavaScript', 'Python'],
      limits: { batchTimeoutMs: 10_000, memoryBytes: 64 * 1024 * 1024 },
    }),
  };
  const workspace = newEntityId();
  const connection = newEntityId();
  await createWorkspace(deps, { workspace, connection, control, source, warehouse, schemas });
  return {
    workspace,
    control,
    source,
    warehouse,
    deps,
    env: {
      ...process.env,
      DATABASE_URL: control.url,
      REDIS_URL: redisServer.url,
      PENSTOCK_REDIS_PREFIX: redisServer.prefix,
      PENSTOCK_MASTER_KEY: masterKey,
      LOG_LEVEL: 'error',
    },
    createPipelines: (count, pipeline) =>
      insertPipelines(control, {
        ...{ workspace, connection, count, incremental: pipeline.incremental ?? false },
        definition: databaseImport(pipeline, schemas),
      }),
    createConnected: async ({ connector, settings, definition }) => {
      const connection = newEntityId();
      const encrypted = deps.secrets.encrypt(JSON.stringify(settings));
      await insertConnection(control, { workspace, connection, connector, settings: encrypted });
      const pipelines = { workspace, connection, count: 1, incremental: false, definition };
      const [id = 0] = await insertPipelines(control, pipelines);
      return id;
    },
    close: async () => {
      await deps.queues.close();
      await Promise.all([deps.connectionPools.close(), warehousePools.close(), deps.database.close()]);
      redis.disconnect();
      await redisServer.close();
      await Promise.all([control.drop(), source.drop(), warehouse.drop()]);
    },
  };
}

interface NewWorkspace {
  readonly workspace: number;
  readonly connection: number;
  readonly control: TestDatabase;
  readonly source: TestDatabase;
  readonly warehouse: TestDatabase;
  readonly schemas: WorldSchemas;
}

async function createWorkspace(deps: Dependencies, created: NewWorkspace): Promise<void> {
  const settings = connectionSettings(created.warehouse.url);
  const columns = leafProperties(parseSchema(created.schemas.profileSchema)).map(({ path, column, property }) => ({
    path,
    column,
    type: property.type,
  }));
  await deps.warehouses.get('PostgreSQL').initialize(settings, { workspace: created.workspace, columns });
  await created.control.query(
    `INSERT INTO workspaces (id, name, warehouse_platform, warehouse_settings, profile_schema, run_on_batch_import)
     VALUES ($1, 'Bench', 'PostgreSQL', $2, $3, false)`,
    [created.workspace, deps.secrets.encrypt(JSON.stringify(settings)), created.schemas.profileSchema],
  );
  await insertConnection(created.control, {
    workspace: created.workspace,
    connection: created.connection,
    connector: 'postgresql',
    settings: deps.secrets.encrypt(JSON.stringify(connectionSettings(created.source.url))),
  });
}

interface NewConnection {
  readonly workspace: number;
  readonly connection: number;
  readonly connector: string;
  /** Encrypted. */
  readonly settings: string;
}

async function insertConnection(
  control: TestDatabase,
  { workspace, connection, connector, settings }: NewConnection,
): Promise<void> {
  await control.query(
    `INSERT INTO connections (id, workspace_id, name, connector, role, settings) VALUES ($1, $2, 'Source', $3, 'Source', $4)`,
    [connection, workspace, connector, settings],
  );
}

interface NewPipelines {
  readonly workspace: number;
  readonly connection: number;
  readonly count: number;
  readonly incremental: boolean;
  readonly definition: PipelineDefinition;
}

function databaseImport(pipeline: NewPipeline, schemas: WorldSchemas): PipelineDefinition {
  return {
    kind: 'import-from-database',
    query: pipeline.query,
    userIDColumn: 'id',
    updatedAtColumn: 'updated_at',
    updatedAtFormat: null,
    filter: pipeline.filter ?? null,
    inSchema: schemas.inSchema,
    outSchema: schemas.profileSchema,
    transformation: pipeline.transformation,
  };
}

async function insertPipelines(
  control: TestDatabase,
  { workspace, connection, count, incremental, definition }: NewPipelines,
): Promise<number[]> {
  const ids = Array.from({ length: count }, () => newEntityId());
  await control.query(
    `WITH inserted AS (
       INSERT INTO pipelines (id, workspace_id, connection_id, kind, target, name, enabled, has_update_time, incremental, schedule_seed)
       SELECT id, $2, $3, $6, 'User', 'Users', true, true, $4, (random() * 2147483646)::int FROM unnest($1::int[]) AS id
     )
     INSERT INTO pipeline_versions (pipeline_id, version, definition) SELECT id, 1, $5 FROM unnest($1::int[]) AS id`,
    [ids, workspace, connection, incremental, definition, definition.kind],
  );
  return ids;
}
