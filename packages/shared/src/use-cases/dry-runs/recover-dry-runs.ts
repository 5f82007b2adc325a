import type { Dependencies } from '../dependencies.js';

/** A dry run whose worker says nothing for so long is given up: whoever wants to know asks again. */
const SILENCE_SECONDS = 120;

/** Ends dry runs that have lost their worker. */
export async function endLostDryRuns({ database }: Pick<Dependencies, 'database'>): Promise<void> {
  await database.pool.query(
    `UPDATE dry_runs SET status = 'failed', end_time = greatest(clock_timestamp(), start_time), error_code = 'RunLost',
       error_step = 'Receive', error_message = 'the dry run was lost by its worker; ask for another'
     WHERE status = 'running' AND heartbeat_at < now() - $1 * interval '1 second'`,
    [SILENCE_SECONDS],
  );
}

/** Adds the jobs of dry runs that wait: Redis may have lost them. One that is there already is left as it is. */
export async function queueDryRuns({ database, queues }: Pick<Dependencies, 'database' | 'queues'>): Promise<void> {
  const { rows } = await database.pool.query<{ dryRun: number; epoch: number }>(
    `SELECT id::float8 AS "dryRun", epoch + 1 AS epoch FROM dry_runs WHERE status = 'queued' ORDER BY id LIMIT 1000`,
  );
  for (const queued of rows) await queues.addDryRun(queued);
}
