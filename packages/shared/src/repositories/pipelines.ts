import {
  type ConnectionRole,
  hasUpdateTime,
  type PipelineDefinition,
  type PipelineKind,
  pipelineDefinitionSchema,
  type SchedulePeriod,
} from '@penstock/domain';
import type { Prisma } from '../generated/prisma/client.js';
import type { Database } from '../platform/database.js';

/** A pipeline with its current version and what GET shows of its connection. */
export interface PipelineRow {
  readonly id: number;
  readonly workspace: number;
  readonly connection: number;
  readonly connector: string;
  readonly connectionRole: ConnectionRole;
  readonly kind: PipelineKind;
  readonly target: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly version: number;
  readonly incremental: boolean;
  readonly cursorOverlapMs: number;
  readonly maxRemovedShare: number | null;
  readonly schedulePeriod: SchedulePeriod | null;
  readonly scheduleSeed: number;
  readonly definition: PipelineDefinition;
  /** Whether a run is live. */
  readonly running: boolean;
}

const SELECT = `
  SELECT p.id, p.workspace_id AS workspace, p.connection_id AS connection, c.connector, c.role AS "connectionRole", p.kind,
    p.target, p.name, p.enabled, p.version, p.incremental, p.cursor_overlap_ms AS "cursorOverlapMs",
    p.max_removed_share AS "maxRemovedShare", p.schedule_period AS "schedulePeriod", p.schedule_seed AS "scheduleSeed",
    v.definition,
    EXISTS (SELECT FROM runs r WHERE r.pipeline_id = p.id AND r.status IN ('queued', 'running')) AS running
  FROM pipelines p
  JOIN connections c ON c.id = p.connection_id
  JOIN pipeline_versions v ON v.pipeline_id = p.id AND v.version = p.version`;

export async function findPipeline(
  { pool }: Pick<Database, 'pool'>,
  workspace: number,
  id: number,
): Promise<PipelineRow | undefined> {
  const { rows } = await pool.query<PipelineRow>(`${SELECT} WHERE p.id = $1 AND p.workspace_id = $2`, [id, workspace]);
  return rows.map(toRow)[0];
}

export interface PipelineFilter {
  readonly connection?: number | undefined;
  readonly target?: string | undefined;
  readonly enabled?: boolean | undefined;
  /** Only pipelines with a greater id: the last one of the page before. */
  readonly after?: number | undefined;
  readonly limit: number;
}

/** A page of a workspace's pipelines, by id. */
export async function listPipelines(
  { pool }: Database,
  workspace: number,
  filter: PipelineFilter,
): Promise<PipelineRow[]> {
  const { rows } = await pool.query<PipelineRow>(
    `${SELECT}
     WHERE p.workspace_id = $1 AND ($2::int IS NULL OR p.connection_id = $2) AND ($3::text IS NULL OR p.target = $3)
       AND ($4::boolean IS NULL OR p.enabled = $4) AND ($5::int IS NULL OR p.id > $5)
     ORDER BY p.id LIMIT $6`,
    [
      workspace,
      filter.connection ?? null,
      filter.target ?? null,
      filter.enabled ?? null,
      filter.after ?? null,
      filter.limit,
    ],
  );
  return rows.map(toRow);
}

/** What a consumer defines of a pipeline, besides its definition. */
export interface PipelineSettings {
  readonly name: string;
  readonly enabled: boolean;
  readonly incremental: boolean;
  readonly cursorOverlapMs: number;
  readonly maxRemovedShare: number | null;
}

export interface NewPipeline extends PipelineSettings {
  readonly id: number;
  readonly workspace: number;
  readonly connection: number;
  readonly target: string;
  readonly scheduleSeed: number;
  readonly definition: PipelineDefinition;
}

/** Inserts a pipeline with its first version. */
export async function insertPipeline(transaction: Prisma.TransactionClient, pipeline: NewPipeline): Promise<void> {
  const { workspace, connection, definition, ...columns } = pipeline;
  await transaction.pipeline.create({
    data: {
      ...columns,
      workspaceId: workspace,
      connectionId: connection,
      kind: definition.kind,
      hasUpdateTime: hasUpdateTime(definition),
      versions: { create: { version: 1, definition: definition as Prisma.InputJsonObject } },
    },
    select: { id: true },
  });
}

function toRow(row: PipelineRow): PipelineRow {
  return { ...row, definition: pipelineDefinitionSchema.parse(row.definition) };
}

/** The pipelines of a workspace. */
export async function listPipelineIdsOf({ prisma }: Database, workspace: number): Promise<number[]> {
  const rows = await prisma.pipeline.findMany({ where: { workspaceId: workspace }, select: { id: true } });
  return rows.map(({ id }) => id);
}

/** The pipelines of a connection. */
export async function listPipelineIds({ prisma }: Database, connection: number): Promise<number[]> {
  const rows = await prisma.pipeline.findMany({ where: { connectionId: connection }, select: { id: true } });
  return rows.map(({ id }) => id);
}
