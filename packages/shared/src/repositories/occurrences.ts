import type { Database } from '../platform/database.js';

export interface OccurrenceRow {
  readonly dueAt: Date;
  readonly outcome: 'started' | 'skipped' | 'missed';
  readonly reason: 'inProgress' | 'inspection' | 'maintenance' | null;
  readonly run: number | null;
  readonly missedFrom: Date | null;
  readonly missedCount: number | null;
}

/** A page of a pipeline's due times and what became of them, newest first. `before` is exclusive. */
export async function listOccurrences(
  database: Database,
  pipeline: number,
  page: { readonly before?: Date | undefined; readonly limit: number },
): Promise<OccurrenceRow[]> {
  const { rows } = await database.pool.query<OccurrenceRow>(
    `SELECT due_at AS "dueAt", outcome, reason, run_id::float8 AS run, missed_from AS "missedFrom",
       missed_count AS "missedCount"
     FROM occurrences WHERE pipeline_id = $1 AND ($2::timestamptz IS NULL OR due_at < $2)
     ORDER BY due_at DESC LIMIT $3`,
    [pipeline, page.before ?? null, page.limit],
  );
  return rows;
}
