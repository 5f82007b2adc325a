import { findConnector } from '@penstock/connectors';
import {
  AppError,
  isImport,
  nextDueMs,
  type PeriodTable,
  type PipelineDefinition,
  type PipelineKind,
} from '@penstock/domain';
import type { PipelineAnswer } from '../../contracts/pipeline-answers.js';
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

const COLUMNS = ['userIDColumn', 'updatedAtColumn', 'updatedAtFormat'] as const;
const FILE = ['format', 'path', 'sheet', 'compression', 'formatSettings'] as const;

/** The members of a definition that are shown as they are, in their order. */
const SHOWN: { readonly [D in PipelineDefinition as D['kind']]: readonly (keyof D)[] } = {
  'import-from-application': ['filter'],
  'import-from-database': ['query', ...COLUMNS],
  'import-from-file': [...FILE, 'filter', ...COLUMNS],
  'export-to-application': ['filter', 'matching', 'exportMode', 'updateOnDuplicates', 'onLeave'],
  'export-to-database': ['filter', 'tableName', 'tableKey', 'onLeave'],
  'export-to-file': [...FILE, 'orderBy', 'filter', 'inSchema'],
};

/** A pipeline as GET shows it; all that can be set can be sent back with PUT. */
export function encodePipeline(row: PipelineRow, periods: PeriodTable, nowMs: number): PipelineAnswer {
  const { id, name, connector, connection, connectionRole, target, enabled, incremental, running, definition } = row;
  const { maxRemovedShare, cursorOverlapMs } = row;
  const answer = {
    ...{ id, name, connector, connectorType: findConnector(connector).type },
    ...{ connection, connectionRole, target, enabled },
    ...shownMembers(definition),
    ...(isImport(definition) && { incremental }),
    ...transformationOf(definition),
    ...(definition.kind !== 'export-to-file' && { maxRemovedShare }),
    ...(isImport(definition) && { cursorOverlapSeconds: cursorOverlapMs / 1000 }),
    running,
    ...scheduleOf(row, periods, nowMs),
  };
  // Which of the kinds it is, the definition has said; the schema of answers knows no more of schemas than that they are JSON.
  return answer as unknown as PipelineAnswer;
}

function shownMembers(definition: PipelineDefinition): Record<string, unknown> {
  const members: Readonly<Record<string, unknown>> = definition;
  const shown: Readonly<Record<PipelineKind, readonly string[]>> = SHOWN;
  return Object.fromEntries(shown[definition.kind].map((name) => [name, members[name]]));
}

function transformationOf(definition: PipelineDefinition) {
  if (!('transformation' in definition)) return {};
  const { transformation, inSchema, outSchema } = definition;
  return { transformation: { mapping: null, function: null, ...transformation }, inSchema, outSchema };
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
