import type { ExportTarget } from '@penstock/engine';
import { lockFence } from '../fence.js';
import { ensureState } from '../resolution/profile-tables.js';
import type { Session } from '../session.js';
import { tableExists } from '../table-exists.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { dropOrEmpty } from './drop-or-empty.js';
import { existingTables } from './fold-journal.js';

/** Name of a pipeline's row in the state: `destination` is what its fingerprints are about, `removed` what `run` has removed there. */
export function exportStateName(pipeline: number): string {
  return `export ${pipeline}`;
}

/**
 * Makes sure that the fingerprints are about the destination of an attempt: those of another one are dropped, with what was noted as accepted. Where
 * it was not noted, as earlier versions of the product did not, it is the same. Throws FenceLostError.
 */
export async function claimFingerprints(
  session: Session,
  tables: WarehouseTables,
  target: ExportTarget,
): Promise<void> {
  await ensureState(session, tables);
  const noted = await notedDestination(session, tables, target.pipeline);
  if (noted === target.destination) return;
  await session.transaction(async () => {
    await lockFence(session, tables, target);
    if (noted !== undefined) await dropAccepted(session, tables, target.pipeline);
    await session.query(
      `INSERT INTO ${tables.state.sql} (name, value)
       VALUES ($1, jsonb_build_object('destination', $2::text, 'run', $3::bigint, 'removed', 0))
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      [exportStateName(target.pipeline), target.destination, target.run],
    );
  });
}

/** Whether the fingerprints are about another destination, and so will be dropped. */
export async function isOfAnother(session: Session, tables: WarehouseTables, target: ExportTarget): Promise<boolean> {
  if (!(await tableExists(session, tables.state))) return false;
  const noted = await notedDestination(session, tables, target.pipeline);
  return noted !== undefined && noted !== target.destination;
}

/** Adds to what the run has removed, in all its attempts. */
export async function addRemoved(
  session: Session,
  tables: WarehouseTables,
  { target, removed }: { readonly target: ExportTarget; readonly removed: number },
): Promise<void> {
  const before = `CASE WHEN (s.value->>'run')::bigint = $2::bigint THEN (s.value->>'removed')::bigint ELSE 0 END`;
  await session.query(
    `UPDATE ${tables.state.sql} AS s
     SET value = s.value || jsonb_build_object('run', $2::bigint, 'removed', $3::bigint + ${before}) WHERE name = $1`,
    [exportStateName(target.pipeline), target.run, removed],
  );
}

/** What the run has removed, in all its attempts. */
export async function countRemoved(session: Session, tables: WarehouseTables, target: ExportTarget): Promise<number> {
  const [row] = await session.query<{ removed: string }>(
    `SELECT value->>'removed' AS removed FROM ${tables.state.sql} WHERE name = $1 AND (value->>'run')::bigint = $2`,
    [exportStateName(target.pipeline), target.run],
  );
  return Number(row?.removed ?? 0);
}

async function notedDestination(
  session: Session,
  tables: WarehouseTables,
  pipeline: number,
): Promise<string | undefined> {
  const [row] = await session.query<{ destination: string }>(
    `SELECT value->>'destination' AS destination FROM ${tables.state.sql} WHERE name = $1`,
    [exportStateName(pipeline)],
  );
  return row?.destination;
}

async function dropAccepted(session: Session, tables: WarehouseTables, pipeline: number): Promise<void> {
  const existing = await existingTables(session, tables, pipeline);
  if (existing.fingerprints) await dropOrEmpty(session, tables.fingerprints(pipeline));
  if (existing.accepted) await dropOrEmpty(session, tables.accepted(pipeline));
}
