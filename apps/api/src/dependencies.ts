import { createConnectionPools } from '@penstock/connectors';
import { createFunctionSandboxes, type FunctionSandboxes } from '@penstock/functions';
import {
  assertNoEviction,
  createDatabase,
  createLogger,
  createRateLimits,
  createRedis,
  createSecrets,
  fileAccessOf,
  type Logger,
  type Redis,
} from '@penstock/shared/platform';
import { createQueues } from '@penstock/shared/queues';
import { createRunInserter, type Dependencies } from '@penstock/shared/use-cases';
import { createWarehousePlatforms, createWarehousePools } from '@penstock/warehouses';
import type { ApiConfig } from './config.js';
import { limitSandboxes } from './functions/limit-sandboxes.js';
import { ApiKeyLookup } from './http/api-key-lookup.js';
import { RateLimitStore } from './http/rate-limit-store.js';

/** What an operator can set about the HTTP side. */
export interface ApiSettings {
  readonly rateLimitPerMinute: number;
  readonly queuesWritable: boolean;
  /** How long an answer may wait for a source or a warehouse. */
  readonly deadlineMs: number;
  /** Checks every answer against its schema; for tests. */
  readonly validateResponses: boolean;
}

export interface ApiDependencies extends Omit<Dependencies, 'functions'> {
  /** The sandboxes of a workspace, which has its turns among the others. */
  readonly functionsOf: (workspace: number) => FunctionSandboxes;
  readonly apiKeys: ApiKeyLookup;
  readonly rateLimitStore: RateLimitStore;
  readonly settings: ApiSettings;
}

export interface OpenDependencies extends ApiDependencies {
  /** Closes what was opened, in the reverse order. */
  close(): Promise<void>;
}

const REDIS_PATIENCE_MS = 2_000;

/** Functions that are tried at a time, in previews and when a pipeline is defined; and how many may wait for their turn. */
const TRIED_FUNCTIONS = { places: 2, waiting: 64, waitingPerOwner: 8 } as const;

/** Opens everything that the api works with. @throws Error when Redis may drop keys. */
export async function openDependencies(
  config: ApiConfig,
  logger: Logger = createLogger({ level: config.LOG_LEVEL, service: 'api' }),
): Promise<OpenDependencies> {
  const secrets = createSecrets(config.masterKeys);
  const database = createDatabase({
    url: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    applicationName: 'penstock api',
  });
  const redis = createRedis(config.REDIS_URL, { role: 'api' });
  await checkRedis(redis, logger);
  const redisPrefix = config.PENSTOCK_REDIS_PREFIX;
  const queues = createQueues({ redis, prefix: redisPrefix });
  const rateLimitStore = new RateLimitStore(redis, redisPrefix);
  const connectionPools = createConnectionPools();
  const warehousePools = createWarehousePools();
  return {
    ...{ logger, secrets, database, redis, redisPrefix, queues, rateLimitStore, connectionPools },
    apiKeys: new ApiKeyLookup(database),
    runInserter: createRunInserter(database),
    fileAccess: fileAccessOf(config),
    applicationAccess: {
      allowPrivateNetworks: config.ALLOW_PRIVATE_NETWORKS,
      limits: createRateLimits(redis, { prefix: redisPrefix }),
    },
    warehouses: createWarehousePlatforms(warehousePools),
    functionsOf: limitSandboxes(openSandboxes(config), TRIED_FUNCTIONS),
    periods: config.PENSTOCK_PERIODS,
    settings: {
      rateLimitPerMinute: config.RATE_LIMIT_PER_MINUTE,
      queuesWritable: config.QUEUES_WRITABLE,
      deadlineMs: config.REQUEST_DEADLINE_MS,
      validateResponses: config.NODE_ENV === 'test',
    },
    close: async () => {
      await rateLimitStore.close();
      await queues.close();
      await Promise.all([connectionPools.close(), warehousePools.close()]);
      redis.disconnect();
      await database.close();
    },
  };
}

function openSandboxes(config: ApiConfig): FunctionSandboxes {
  const { FUNCTION_LANGUAGES: languages, FUNCTION_TIMEOUT_MS: batchTimeoutMs, FUNCTION_MEMORY_MB: megabytes } = config;
  return createFunctionSandboxes({ languages, limits: { batchTimeoutMs, memoryBytes: megabytes * 1024 * 1024 } });
}

/** A Redis that is away is waited for by everybody else; one that may drop keys is refused. */
async function checkRedis(redis: Redis, logger: Logger): Promise<void> {
  const away = (): void => {
    logger.warn('Redis is away; runs are accepted and start when it is back');
  };
  if (!(await isReady(redis))) {
    away();
    return;
  }
  await assertNoEviction(redis).catch((error: unknown) => {
    // A connection that broke while it was asked says nothing about the policy.
    if (redis.status === 'ready') throw error;
    away();
  });
}

function isReady(redis: Redis): Promise<boolean> {
  if (redis.status === 'ready') return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), REDIS_PATIENCE_MS);
    redis.once('ready', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
