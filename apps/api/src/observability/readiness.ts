import type { ApiDependencies } from '../dependencies.js';
import { within } from './within.js';

const PATIENCE_MS = 2_000;

export interface Check {
  readonly ok: boolean;
  /** What an operator should look at. */
  readonly message: string | null;
}

export interface Readiness {
  /**
   * `ready`: everything is there. `degraded`: requests are answered and starts are accepted, but runs wait. `unavailable`: the
   * control database is away and hardly anything can be answered.
   */
  readonly status: 'ready' | 'degraded' | 'unavailable';
  readonly checks: { readonly postgresql: Check; readonly redis: Check; readonly consumers: Check };
}

/** Looks at what the api depends on, all at once. */
export async function readiness(deps: Pick<ApiDependencies, 'database' | 'redis' | 'queues'>): Promise<Readiness> {
  const [postgresql, redis, consumers] = await Promise.all([
    check('PostgreSQL cannot be reached', () => deps.database.pool.query('SELECT 1').then(() => true)),
    check('Redis cannot be reached', () => deps.redis.ping().then(() => true)),
    check('no worker takes runs: start one', async () => (await deps.queues.runs.getWorkersCount()) > 0),
  ]);
  const complete = redis.ok && consumers.ok;
  const status = postgresql.ok ? (complete ? 'ready' : 'degraded') : 'unavailable';
  return { status, checks: { postgresql, redis, consumers } };
}

async function check(message: string, look: () => Promise<boolean>): Promise<Check> {
  const ok = await within(PATIENCE_MS, look()).catch(() => false);
  return { ok, message: ok ? null : message };
}
