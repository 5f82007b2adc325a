import type { ExportAttempt, ExportTarget } from '@penstock/engine';
import { markSession } from '../attempt-sessions.js';
import { type BegunAttempt, beginAttempt, type OpenWarehouse, requireInitialized } from '../begin-attempt.js';
import type { Session } from '../session.js';
import { setSession } from '../session-settings.js';
import type { TableName } from '../warehouse-tables.js';
import { claimFingerprints } from './export-state.js';
import { existingTables, foldEarlier } from './fold-journal.js';
import { PostgresqlExport } from './postgresql-export.js';

/** A table that only its session sees. */
const TEMPORARY_STAGE: TableName = { name: 'penstock_sent', sql: 'pg_temp.penstock_sent' };

/** Begins an attempt: takes the fence and folds what earlier attempts have noted. See the contract of the port. */
export function beginPostgresqlExport(
  warehouse: OpenWarehouse,
  target: ExportTarget,
  signal: AbortSignal,
): Promise<ExportAttempt> {
  return beginAttempt(warehouse, target, {
    signal,
    begun: (attempt) => openExport(warehouse, target, { ...attempt, signal }),
  });
}

async function openExport(
  warehouse: OpenWarehouse,
  target: ExportTarget,
  { session, receipt, signal }: BegunAttempt & { readonly signal: AbortSignal },
): Promise<ExportAttempt> {
  const { tables } = warehouse;
  if (receipt === null) {
    await claimFingerprints(session, tables, target);
    await foldEarlier(session, tables, target);
  }
  // The first records become the fingerprints as they are.
  const lasts = !(await existingTables(session, tables, target.pipeline)).fingerprints;
  return new PostgresqlExport({
    warehouse,
    target,
    receipt,
    session,
    connect: () => connectReader(warehouse, target, signal),
    stage: lasts ? tables.staging('sent', target) : TEMPORARY_STAGE,
    lasts,
    isDry: false,
  });
}

/** A later attempt ends all sessions that have the mark. */
async function connectReader(
  { pools, settings, tables, timeouts }: OpenWarehouse,
  target: ExportTarget,
  signal: AbortSignal,
): Promise<Session> {
  const session = await pools.session(settings, signal);
  return prepared(session, markSession(session, tables, target, timeouts).then(requireInitialized));
}

async function prepared(session: Session, preparation: Promise<unknown>): Promise<Session> {
  try {
    await preparation;
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Begins a dry run: two sessions that own nothing and write into tables that only they see. See the contract of the port. */
export async function beginPostgresqlDryExport(
  warehouse: OpenWarehouse,
  target: ExportTarget,
  signal: AbortSignal,
): Promise<ExportAttempt> {
  const connect = async (): Promise<Session> => {
    const session = await warehouse.pools.session(warehouse.settings, signal);
    return prepared(session, setSession(session, warehouse.timeouts));
  };
  return new PostgresqlExport({
    warehouse,
    target,
    receipt: null,
    session: await connect(),
    connect,
    stage: TEMPORARY_STAGE,
    lasts: false,
    isDry: true,
  });
}
