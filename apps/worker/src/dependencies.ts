import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createConnectionPools } from '@penstock/connectors';
import { createFunctionSandboxes } from '@penstock/functions';
import {
  assertNoEviction,
  createDatabase,
  createLogger,
  createRateLimits,
  createRedis,
  createSecrets,
  fileAccessOf,
  readMasterKeys,
} from '@penstock/shared/platform';
import { createQueues } from '@penstock/shared/queues';
import { createRunInserter } from '@penstock/shared/use-cases';
import { createWarehousePlatforms, createWarehousePools } from '@penstock/warehouses';
import type { WorkerConfig } from './config.js';
import { QUEUE_CONCURRENCY } from './queue-concurrency.js';
import { ActiveAttempts } from './runtime/active-attempts.js';
import type { AttemptDependencies } from './runtime/attempt.js';

/** An export reads in one session and writes in another, and so do a dry run of it and what upkeep does. */
const SESSIONS_OF_A_JOB = 2;
/** Sessions to one warehouse besides: whoever takes over, or looks whether somebody else has. */
const OTHER_SESSIONS = 8;

export interface WorkerDependencies extends AttemptDependencies {
  /** Closes what was opened, in the reverse order. */
  close(): Promise<void>;
}

/** Opens everything that a worker works with. @throws Error when Redis may drop keys. */
export async function openDependencies(config: WorkerConfig): Promise<WorkerDependencies> {
  const logger = createLogger({ level: config.LOG_LEVEL, service: 'worker' });
  const secrets = createSecrets(readMasterKeys(config));
  const database = createDatabase({
    url: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    applicationName: 'penstock worker',
  });
  const redis = createRedis(config.REDIS_URL, { role: 'worker' });
  await assertNoEviction(redis);
  const queues = createQueues({ redis, prefix: config.PENSTOCK_REDIS_PREFIX });
  const connectionPools = createConnectionPools({ maxLeases: config.RUN_CONCURRENCY });
  const warehousePools = createWarehousePools({
    sessionsPerWarehouse: SESSIONS_OF_A_JOB * (config.RUN_CONCURRENCY + QUEUE_CONCURRENCY.upkeep) + OTHER_SESSIONS,
  });
  return {
    logger,
    secrets,
    database,
    redis,
    redisPrefix: config.PENSTOCK_REDIS_PREFIX,
    queues,
    runInserter: createRunInserter(database),
    connectionPools,
    fileAccess: fileAccessOf(config),
    applicationAccess: {
      allowPrivateNetworks: config.ALLOW_PRIVATE_NETWORKS,
      limits: createRateLimits(redis, { prefix: config.PENSTOCK_REDIS_PREFIX }),
    },
    warehouses: createWarehousePlatforms(warehousePools),
    functions: createFunctionSandboxes({
      languages: config.FUNCTION_LANGUAGES,
      limits: {
        batchTimeoutMs: config.FUNCTION_TIMEOUT_MS,
        memoryBytes: config.FUNCTION_MEMORY_MB * 1024 * 1024,
      },
    }),
    timings: config.PENSTOCK_TIMINGS,
    periods: config.PENSTOCK_PERIODS,
    worker: `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`,
    attempts: new ActiveAttempts(),
    rejects: { perRun: config.REJECTS_PER_RUN, keptDays: config.REJECTS_KEPT_DAYS },
    close: async () => {
      await queues.close();
      await Promise.all([connectionPools.close(), warehousePools.close()]);
      redis.disconnect();
      await database.close();
    },
  };
}
