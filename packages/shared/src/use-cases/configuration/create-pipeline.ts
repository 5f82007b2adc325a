import { randomInt } from 'node:crypto';
import { AppError, type ErrorDetail } from '@penstock/domain';
import { pipelineHead } from '../../contracts/pipelines.js';
import { refuse } from '../../contracts/violations.js';
import { type ConnectionRow, findConnection } from '../../repositories/connections.js';
import { type IdempotencyClaim, storeIdempotentAnswerWith } from '../../repositories/idempotency-keys.js';
import { insertPipeline } from '../../repositories/pipelines.js';
import type { Dependencies } from '../dependencies.js';
import { pathViolations } from './path-violations.js';
import { definePipeline, kindOf, targetViolations } from './pipeline-request.js';
import { readDraft } from './pipeline-rules/draft.js';
import { likelyKind } from './pipeline-rules/pipeline-kinds.js';
import { withNewId } from './with-new-id.js';
import { requireWorkspace } from './workspaces.js';

const MAX_SEED = 2 ** 31;

export interface PipelineRequest {
  readonly workspace: number;
  /** The body as it was sent: its rules relate members to one another, to the connection and to the profile schema. */
  readonly body: unknown;
  readonly idempotency?: IdempotencyClaim | undefined;
  /** Ends the trial of a function. */
  readonly signal: AbortSignal;
}

/**
 * Creates a pipeline with its first version.
 * @throws AppError BadRequest with all violations, NotFound, UnsupportedLanguage, ServiceUnavailable
 */
export async function createPipeline(
  deps: Pick<Dependencies, 'database' | 'functions' | 'secrets' | 'fileAccess'>,
  { workspace, body, idempotency, signal }: PipelineRequest,
): Promise<{ readonly id: number }> {
  const { database } = deps;
  const { profileSchema } = await requireWorkspace(deps, workspace);
  const head = readDraft(pipelineHead, body);
  const connection = head.members.connection && (await findConnection(database, workspace, head.members.connection));
  const unfit = connection ? targetViolations(head.members.target) : [];
  // The rules of another kind would only confuse whoever wants that one.
  if (unfit.length > 0) throw refuse(unfit);
  const kind = connection ? kindOf(connection) : likelyKind(body);
  const ofPath = connection ? await pathViolations(deps, connection, body) : [];
  const scope = { kind, profileSchema, violations: [...head.violations, ...ofPath], signal };
  const { settings, definition } = await definePipeline(deps, body, scope);
  const { connection: connectionId, target } = known(head.members, connection, head.violations);
  const id = await withNewId((id) =>
    database.prisma.$transaction(async (transaction) => {
      const pipeline = { ...settings, definition, id, workspace, connection: connectionId, target };
      await insertPipeline(transaction, { ...pipeline, scheduleSeed: randomInt(MAX_SEED) });
      await storeIdempotentAnswerWith(transaction, idempotency, { id });
    }),
  );
  return { id };
}

function known(
  { target }: { readonly target?: string | undefined },
  connection: ConnectionRow | number | undefined,
  violations: readonly ErrorDetail[],
): { readonly connection: number; readonly target: string } {
  if (typeof connection !== 'object') throw new AppError('NotFound', { message: 'connection does not exist' });
  if (target === undefined) throw refuse(violations);
  return { connection: connection.id, target };
}
