import type { LatestResolution } from '../../contracts/identity-resolution.js';
import type { Dependencies } from '../dependencies.js';
import type { OperationKind } from '../warehouse-operations/operation.js';

interface LatestOperation {
  readonly id: number;
  readonly status: 'queued' | 'running' | 'succeeded' | 'failed';
  readonly requestedAt: Date;
  readonly startTime: Date | null;
  readonly endTime: Date | null;
  readonly error: string | null;
  readonly outcome: Readonly<Record<'resolved' | 'added' | 'changed' | 'removed' | 'profiles', number>> | null;
}

async function latestOperation(
  { database }: Pick<Dependencies, 'database'>,
  workspace: number,
  kind: OperationKind,
): Promise<LatestOperation | undefined> {
  const { rows } = await database.pool.query<LatestOperation>(
    `SELECT id::float8 AS id, status, requested_at AS "requestedAt", start_time AS "startTime", end_time AS "endTime", error, outcome
     FROM warehouse_operations WHERE workspace_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1`,
    [workspace, kind],
  );
  return rows[0];
}

/** The resolution that was asked for last, whether it has begun or not. */
export async function latestResolution(
  deps: Pick<Dependencies, 'database'>,
  workspace: number,
): Promise<LatestResolution> {
  const latest = await latestOperation(deps, workspace, 'resolution');
  const { resolved = null, added = null, changed = null, removed = null, profiles = null } = latest?.outcome ?? {};
  return {
    id: latest?.id ?? null,
    startTime: latest?.startTime?.toISOString() ?? null,
    endTime: latest?.endTime?.toISOString() ?? null,
    error: latest?.error ?? null,
    ...{ resolved, added, changed, removed, profiles },
    queued: latest?.status === 'queued',
  };
}

/** The alteration of the profile schema that was asked for last; it starts when it is asked for. */
export async function latestAlteration(
  deps: Pick<Dependencies, 'database'>,
  workspace: number,
): Promise<{ readonly startTime: string | null; readonly endTime: string | null; readonly error: string | null }> {
  const latest = await latestOperation(deps, workspace, 'alteration');
  return {
    startTime: latest?.requestedAt.toISOString() ?? null,
    endTime: latest?.endTime?.toISOString() ?? null,
    error: latest?.error ?? null,
  };
}
