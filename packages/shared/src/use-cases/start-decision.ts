import type { AppErrorOptions, ErrorCode, WarehouseMode } from '@penstock/domain';

/** What the start statement found, before and while it inserted. */
export interface StartFacts {
  /** The inserted run. */
  readonly run: number | null;
  /** The run that was live already. */
  readonly live: number | null;
  readonly hasWorkspace: boolean;
  readonly mode: WarehouseMode | null;
  readonly exists: boolean;
  readonly enabled: boolean | null;
  /** Whether the pipeline is one of a destination. */
  readonly isExport: boolean | null;
  readonly hasUpdateTime: boolean | null;
}

/** What the request said about how much is moved. */
export interface StartWishes {
  readonly incremental: boolean | null;
  readonly full?: boolean | null;
}

export type StartDecision =
  | { readonly kind: 'started'; readonly run: number }
  | { readonly kind: 'lost-race' }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly text?: { readonly message: string };
      readonly details?: AppErrorOptions['details'];
    };

/** Why a run was not started: the first reason in the documented order. */
export function decideStart(facts: StartFacts, wishes: StartWishes): StartDecision {
  if (!facts.hasWorkspace) return notFound('workspace does not exist');
  if (!facts.exists) return notFound('pipeline does not exist');
  if (facts.run !== null) return { kind: 'started', run: facts.run };
  const misplaced = misplacedWish(facts, wishes);
  if (misplaced !== undefined) return misplaced;
  if (!facts.enabled) return { kind: 'refused', code: 'PipelineDisabled' };
  if (wishes.incremental === true && !facts.hasUpdateTime) {
    return { kind: 'refused', code: 'IncrementalRequiresUpdateTimeColumn' };
  }
  if (facts.live !== null) return { kind: 'refused', code: 'PipelineInProgress', details: { run: facts.live } };
  if (facts.mode === 'Inspection') return { kind: 'refused', code: 'InspectionMode' };
  if (facts.mode === 'Maintenance') return { kind: 'refused', code: 'MaintenanceMode' };
  return { kind: 'lost-race' };
}

/** Imports have a cursor, exports know what their destination has: neither has what the other has. */
function misplacedWish({ isExport }: StartFacts, { incremental, full = null }: StartWishes): StartDecision | undefined {
  if (isExport && incremental !== null) {
    return badRequest('incremental', 'is not allowed for a pipeline that exports: leave it out, or use full');
  }
  if (!isExport && full !== null) {
    return badRequest('full', 'is not allowed for a pipeline that imports: leave it out, or use incremental');
  }
  return undefined;
}

function badRequest(path: string, message: string): StartDecision {
  return {
    kind: 'refused',
    code: 'BadRequest',
    text: { message: `request is not valid: ${path} ${message}` },
    details: [{ path, message }],
  };
}

function notFound(message: string): StartDecision {
  return { kind: 'refused', code: 'NotFound', text: { message } };
}
