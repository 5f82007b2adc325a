import type { ExportQuery, ExportTarget } from '@penstock/engine';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { acceptedRelation, NOTHING_ACCEPTED } from './accepted-relation.js';
import { audienceOf } from './audience.js';
import { beginReading, beginReadingBesideRuns } from './begin-reading.js';
import { isOfAnother } from './export-state.js';
import type { ProfileScope } from './profile-query.js';

/**
 * What makes the texts of values canonical; memory for hashing and sorting a million profiles, and no joins that suffer when there are
 * more than expected; and no limit to how long the transaction may be idle or last: a destination may be slow. A worker that is gone is
 * noticed by its connection, one that was stopped by the next attempt.
 */
const SETTINGS = `
  SELECT set_config('DateStyle', 'ISO, YMD', true), set_config('TimeZone', 'UTC', true), set_config('IntervalStyle', 'postgres', true),
         set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true), set_config('jit', 'off', true),
         set_config('enable_nestloop', 'off', true), set_config('enable_mergejoin', 'off', true),
         set_config('idle_in_transaction_session_timeout', '0', true),
         CASE WHEN current_setting('transaction_timeout', true) IS NOT NULL THEN set_config('transaction_timeout', '0', true) END,
         set_config('work_mem',
           greatest(pg_size_bytes(current_setting('work_mem')), 64 * 1024 * 1024) / 1024 || 'kB', true)`;

/** Begins the transaction in which profiles are read; it ends with its session. */
export async function openSnapshot(
  session: Session,
  tables: WarehouseTables,
  {
    target,
    query,
    unfolded,
  }: { readonly target: ExportTarget; readonly query: ExportQuery; readonly unfolded: boolean },
): Promise<ProfileScope> {
  await (unfolded ? beginReadingBesideRuns(session, tables, target.pipeline) : beginReading(session));
  await session.query(SETTINGS);
  const audience = await audienceOf(session, tables, query);
  const accepted = (await isOfAnother(session, tables, target))
    ? NOTHING_ACCEPTED
    : await acceptedRelation(session, tables, { pipeline: target.pipeline, unfolded });
  // What is read alone comes faster from one process than from several, who would have to hand it over.
  if (accepted.exists) await session.query('SET LOCAL parallel_tuple_cost = 0');
  return { query, target, audience, accepted };
}
