import { findConnector } from '@penstock/connectors';
import { AppError, nextDueMs, type PeriodTable, type PipelineDefinition } from '@penstock/domain';
import type { PipelineAnswer } from '../../contracts/pipelines.js';
import { cadenceOf } from '../../queues/schedulers.js';
import {
  findPipeline,
  listPipelines as listRows,
  type PipelineFilter,
  type PipelineRow,
} from '../../repositories/pipelines.js';
import type { Dependencies } from '../dependencies.js';

const MINUTE_MS = 60_000;

type ViewDependencies = Pick<Dependencies, 'database' | 'periods'>;

/** @throws AppError NotFound */
export async function getPipeline(
  { database, periods }: ViewDependencies,
  { workspace, pipeline }: { readonly workspace: number; readonly pipeline: number },
): Promise<PipelineAnswer> {
  const row = await findPipeline(database, workspace, pipeline);
  if (row === undefined) throw new AppError('NotFound', { message: 'pipeline does not exist' });
  return encodePipeline(row, periods, Date.now());
}

/** A page of a workspace's pipelines. */
export async function listPipelines(
  { database, periods }: ViewDependencies,
  { workspace, ...filter }: PipelineFilter & { readonly workspace: number },
): Promise<PipelineAnswer[]> {
  const rows = await listRows(database, workspace, filter);
  const nowMs = Date.now();
  return rows.map((row) => encodePipeline(row, periods, nowMs));
}

/** A pipeline as GET shows it; all that can be set can be sent back with PUT. */
export function encodePipeline(row: PipelineRow, periods: PeriodTable, nowMs: number): PipelineAnswer {
  const { id, name, connector, connection, connectionRole, target, enabled, incremental, running, definition } = row;
  return {
    ...{
      id,
      name,
      connector,
      connectorType: findConnector(connector).type,
      connection,
      connectionRole,
      target,
      enabled,
    },
    ...particularsOf(definition),
    userIDColumn: definition.userIDColumn,
    updatedAtColumn: definition.updatedAtColumn,
    updatedAtFormat: definition.updatedAtFormat,
    incremental,
    transformation: { mapping: null, function: null, ...definition.transformation },
    inSchema: definition.inSchema as PipelineAnswer['inSchema'],
    outSchema: definition.outSchema as PipelineAnswer['outSchema'],
    maxRemovedShare: row.maxRemovedShare,
    cursorOverlapSeconds: row.cursorOverlapMs / 1000,
    running,
    ...scheduleOf(row, periods, nowMs),
  };
}

/** What only the pipelines of a kind have. */
function particularsOf(definition: PipelineDefinition) {
  if (definition.kind === 'import-from-database') return { query: definition.query };
  const { format, path, sheet, compression, formatSettings, filter } = definition;
  return { format, path, sheet, compression, formatSettings, filter };
}

function scheduleOf(
  row: PipelineRow,
  periods: PeriodTable,
  nowMs: number,
): Pick<PipelineAnswer, 'scheduleStart' | 'schedulePeriod' | 'nextRun'> {
  const { id: pipeline, schedulePeriod: period, scheduleSeed: seed, enabled } = row;
  if (period === null) return { scheduleStart: null, schedulePeriod: null, nextRun: null };
  const cadence = cadenceOf({ pipeline, period, seed, scheduleVersion: 0 }, periods);
  return {
    // Periods divide a day, so that the phase is also the first due time of every day.
    scheduleStart: Math.floor(cadence.phaseMs / MINUTE_MS),
    schedulePeriod: period,
    nextRun: enabled ? new Date(nextDueMs(cadence, nowMs)).toISOString() : null,
  };
}
