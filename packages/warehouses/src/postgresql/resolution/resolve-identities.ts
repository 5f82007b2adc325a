import type { ResolutionOutcome, ResolutionRequest } from '../../warehouse-platform.js';
import { requireOwner } from '../require-owner.js';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import type { WarehouseTimeouts } from '../warehouse-timeouts.js';
import { applyMemberships } from './apply-memberships.js';
import { applyProfiles } from './apply-profiles.js';
import { assignProfiles } from './assign-profiles.js';
import { findComponents } from './find-components.js';
import { findEdges } from './find-edges.js';
import { findTouched } from './find-touched.js';
import { gatherAffected, gatherAll, gatherChanged } from './gather-nodes.js';
import { identifierColumnsOf } from './identifier-form.js';
import { ensureIdentifierColumns } from './membership-columns.js';
import { ensureProfileTables, requireColumns } from './profile-tables.js';
import type { Resolution } from './resolution.js';
import { beginSnapshot, lockResolution, prepareSession, tunePlans } from './resolution-session.js';
import { type ResolutionState, readState, takeOperation, writeState } from './resolution-state.js';

/** What a resolution works with. The session is given back by its owner, and with it the locks. */
export interface ResolvingWarehouse {
  readonly session: Session;
  readonly tables: WarehouseTables;
  readonly timeouts: WarehouseTimeouts;
}

/** Resolves identities into profiles; see the contract of the port. */
export async function resolveIdentities(
  { session, tables, timeouts }: ResolvingWarehouse,
  request: ResolutionRequest,
): Promise<ResolutionOutcome | null> {
  const identifiers = identifierColumnsOf(request);
  await prepareSession(session, tables, timeouts);
  if (!(await lockResolution(session, tables))) return null;
  await requireOwner(session, tables, request.workspace);
  await ensureProfileTables(session, tables, request.columns);
  await ensureIdentifierColumns(session, tables.identityProfiles, identifiers);
  if (request.operation && !(await takeOperation(session, tables, request.operation))) return null;
  return session.transaction(async () => {
    const pipelines = await beginSnapshot(session, tables);
    const state = await readState(session, tables, request);
    if (state.isSameRequest && request.full !== true && !(await hasChanges(session, tables))) return nothing(state);
    for (const table of [tables.identities, tables.profiles]) {
      await requireColumns(session, table, request.columns);
    }
    const resolution = resolutionOf({ session, tables, request, state, pipelines });
    return resolve(resolution, state);
  });
}

async function resolve(resolution: Resolution, state: ResolutionState): Promise<ResolutionOutcome> {
  const { session, tables, request, number } = resolution;
  await tunePlans(session);
  const resolved = await gather(resolution);
  await findEdges(resolution);
  await findComponents(session);
  await assignProfiles(resolution);
  const effect = await applyProfiles(resolution);
  await session.query(`DELETE FROM ${tables.changes.sql}`);
  const profiles = state.profiles + effect.added - effect.removed;
  await writeState(session, tables, { number, profiles, request });
  await applyMemberships(resolution);
  return { resolved, ...effect, profiles };
}

async function gather(resolution: Resolution): Promise<number> {
  if (resolution.isFull) return gatherAll(resolution);
  await gatherChanged(resolution);
  await findTouched(resolution);
  return gatherAffected(resolution);
}

function resolutionOf({
  state,
  ...given
}: Pick<Resolution, 'session' | 'tables' | 'request' | 'pipelines'> & { readonly state: ResolutionState }): Resolution {
  const isFirst = state.number === 0;
  return {
    ...given,
    identifiers: identifierColumnsOf(given.request),
    number: state.number + 1,
    isFirst,
    isFull: isFirst || !state.isSameRequest || given.request.full === true,
  };
}

/** An outcome of a resolution that had nothing to do. */
function nothing({ profiles }: ResolutionState): ResolutionOutcome {
  return { resolved: 0, added: 0, changed: 0, removed: 0, profiles };
}

async function hasChanges(session: Session, { changes }: WarehouseTables): Promise<boolean> {
  return (await session.query(`SELECT 1 FROM ${changes.sql} LIMIT 1`)).length > 0;
}
