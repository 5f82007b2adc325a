import { isDeepStrictEqual } from 'node:util';
import { AppError, type ErrorDetail } from '@penstock/domain';
import { replacePipelineHead } from '../../contracts/pipelines.js';
import { findConnection } from '../../repositories/connections.js';
import { insertVersion, lockDefinition, updateSettings } from '../../repositories/pipeline-versions.js';
import { findPipeline, type PipelineRow } from '../../repositories/pipelines.js';
import type { Dependencies } from '../dependencies.js';
import { setPipelineStatus } from '../pipeline-lifecycle.js';
import { pathViolations } from './path-violations.js';
import { definePipeline } from './pipeline-request.js';
import { readDraft } from './pipeline-rules/draft.js';
import type { DefinedPipeline } from './pipeline-rules/pipeline-kind.js';
import { requireWorkspace } from './workspaces.js';

type ReplaceDependencies = Parameters<typeof setPipelineStatus>[0] &
  Pick<Dependencies, 'functions' | 'secrets' | 'fileAccess'>;

export interface PipelineReplacement {
  readonly workspace: number;
  readonly pipeline: number;
  /** The body as it was sent. */
  readonly body: unknown;
  /** Ends the trial of a function. */
  readonly signal: AbortSignal;
}

/**
 * Replaces a pipeline. What it moves is a new version only if it changed, and then the cursor is cleared; a live run goes on
 * with the version that it started with. The schedule stays.
 * @throws AppError BadRequest with all violations, NotFound, UnsupportedLanguage, ServiceUnavailable
 */
export async function replacePipeline(
  deps: ReplaceDependencies,
  { workspace, pipeline, body, signal }: PipelineReplacement,
): Promise<void> {
  const { profileSchema } = await requireWorkspace(deps, workspace);
  const existing = await findPipeline(deps.database, workspace, pipeline);
  if (existing === undefined) throw notFound();
  const connection = await findConnection(deps.database, workspace, existing.connection);
  const ofPath = connection === undefined ? [] : await pathViolations(deps, connection, body);
  const violations = [...immutableViolations(existing, body), ...ofPath];
  const { kind, definition } = existing;
  const scope = { kind, profileSchema, violations, existing: definition, signal };
  const defined = await definePipeline(deps, body, scope);
  await writeReplacement(deps, existing, defined);
  // Enabling and disabling concern the schedule as well, which has its own way to take effect.
  if (existing.enabled !== defined.settings.enabled) {
    await setPipelineStatus(deps, { workspace, pipeline, enabled: defined.settings.enabled });
  }
}

async function writeReplacement(
  { database }: Pick<Dependencies, 'database'>,
  { id, workspace }: PipelineRow,
  { definition, settings: { enabled: _, ...settings } }: DefinedPipeline,
): Promise<void> {
  await database.prisma.$transaction(async (transaction) => {
    const current = await lockDefinition(transaction, workspace, id);
    if (current === undefined) throw notFound();
    await updateSettings(transaction, id, settings);
    if (isDeepStrictEqual(current.definition, definition)) return;
    await insertVersion(transaction, { id, version: current.version + 1, definition });
  });
}

/** Connection and target are part of what GET shows, and stay what they are. */
function immutableViolations({ connection, target }: PipelineRow, body: unknown): ErrorDetail[] {
  const draft = readDraft(replacePipelineHead, body);
  const { members, violations } = draft;
  const changed = (member: 'connection' | 'target', value: unknown): ErrorDetail[] =>
    members[member] === undefined || members[member] === value ? [] : [{ path: member, message: 'cannot be changed' }];
  return [...violations, ...changed('connection', connection), ...changed('target', target)];
}

function notFound(): AppError {
  return new AppError('NotFound', { message: 'pipeline does not exist' });
}
