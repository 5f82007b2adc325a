import { AppError } from '@penstock/domain';
import {
  type ClaimedOperation,
  claimOperation,
  executeOperation,
  type OperationEnd,
  renewOperation,
  settleOperation,
  settleOwnedOperation,
} from '@penstock/shared/use-cases';
import type { AttemptDependencies } from './attempt.js';
import { persist } from './persist.js';
import { type Repeated, repeat } from './repeat.js';

/** Why whoever is at an operation lets go of it; `mode`: the mode of the warehouse is to change. */
type StopReason = 'shutdown' | 'mode' | 'lost';

/** The reason in the AbortSignal of an operation that was told to stop. */
class OperationStopped extends Error {
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(`operation stopped: ${reason}`);
    this.name = 'OperationStopped';
    this.reason = reason;
  }
}

type OperationDependencies = Pick<
  AttemptDependencies,
  'database' | 'queues' | 'secrets' | 'warehouses' | 'logger' | 'timings' | 'attempts'
>;

/** Executes the operations of a workspace that are due, one after the other. */
export async function operateWarehouse(deps: OperationDependencies, workspace: number): Promise<void> {
  while (!deps.attempts.stopping.aborted) {
    const claimed = await claimOperation(deps, { workspace, leaseMs: deps.timings.staleAfterMs });
    if (claimed === undefined) return;
    const { operation, epoch, kind } = claimed;
    const logger = deps.logger.child({ workspace, operation, epoch, kind });
    await operate({ ...deps, logger }, claimed);
  }
}

/** One attempt: execute, settle. The operation stays this worker's until it is settled. */
function operate(deps: OperationDependencies, claimed: ClaimedOperation): Promise<void> {
  return deps.attempts.untilStopping(new OperationStopped('shutdown'), async (controller) => {
    const renewing = renew(deps, claimed, controller);
    try {
      await settle(deps, claimed, await perform(deps, claimed, controller.signal));
    } finally {
      await renewing.stop();
    }
  });
}

/** What says that the operation was lost, or is to stop, ends it; a control database that is merely away does not. */
function renew(deps: OperationDependencies, claimed: ClaimedOperation, controller: AbortController): Repeated {
  const { timings, logger } = deps;
  return repeat({ name: 'sign of life of an operation', everyMs: timings.heartbeatMs, logger }, async () => {
    const answer = await renewOperation(deps, claimed, timings.staleAfterMs);
    if (answer === 'lost') controller.abort(new OperationStopped('lost'));
    if (answer === 'stop-requested') controller.abort(new OperationStopped('mode'));
  });
}

async function perform(
  deps: OperationDependencies,
  claimed: ClaimedOperation,
  signal: AbortSignal,
): Promise<OperationEnd> {
  if (claimed.stopRequested) return { kind: 'stopped', reason: 'mode' };
  try {
    return await executeOperation(deps, claimed, signal);
  } catch (error) {
    if (signal.reason instanceof OperationStopped) return { kind: 'stopped', reason: signal.reason.reason };
    if (error instanceof AppError) {
      deps.logger.warn('operation failed', { code: error.code, message: error.message });
    } else {
      deps.logger.error('operation failed unexpectedly', { error });
    }
    return { kind: 'threw', error };
  }
}

/** The control database may be away longer than anything else: the outcome waits for it, until the worker stops. */
async function settle(deps: OperationDependencies, claimed: ClaimedOperation, end: OperationEnd): Promise<void> {
  const settlement = settleOperation(claimed, end);
  const write = (): Promise<boolean> => settleOwnedOperation(deps, claimed, settlement);
  const isLost = (): boolean => deps.attempts.stopping.aborted;
  const owned = await persist({ logger: deps.logger, isLost }, write, write);
  deps.logger.info('operation ended', { as: settlement.kind, owned });
}
