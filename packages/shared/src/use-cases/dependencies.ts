import type { ApplicationAccess, ConnectionPools, FileAccess } from '@penstock/connectors';
import type { PeriodTable } from '@penstock/domain';
import type { FunctionSandboxes } from '@penstock/functions';
import type { WarehousePlatforms } from '@penstock/warehouses';
import type { Database } from '../platform/database.js';
import type { Logger } from '../platform/logger.js';
import type { Redis } from '../platform/redis.js';
import type { Secrets } from '../platform/secrets.js';
import type { Queues } from '../queues/queues.js';
import type { RunInserter } from './start-run.js';

/** What use cases work with; each names the part that it needs. Built once, in an app's composition root. */
export interface Dependencies {
  readonly database: Database;
  readonly redis: Redis;
  readonly redisPrefix: string;
  readonly queues: Queues;
  readonly runInserter: RunInserter;
  readonly secrets: Secrets;
  readonly logger: Logger;
  readonly periods: PeriodTable;
  readonly connectionPools: ConnectionPools;
  readonly fileAccess: FileAccess;
  readonly applicationAccess: ApplicationAccess;
  readonly warehouses: WarehousePlatforms;
  readonly functions: FunctionSandboxes;
}
