import type { ErrorCode, WarehouseMode } from '@penstock/domain';

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
  readonly hasUpdateTime: boolean | null;
}

export type StartDecision =
  | { readonly kind: 'started'; readonly run: number }
  | { readonly kind: 'lost-race' }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly text?: { readonly message: string };
      readonly details?: Readonly<Record<string, unknown>>;
    };

/** Why a run was not started: the first reason in the documented order. */
export function decideStart(facts: StartFacts, incremental: boolean | null): StartDecision {
  if (!facts.hasWorkspace) return notFound('workspace does not exist');
  if (!facts.exists) return notFound('pipeline does not exist');
  if (facts.run !== null) return { kind: 'started', run: facts.run };
  if (!facts.enabled) return { kind: 'refused', code: 'PipelineDisabled' };
  if (incremental === true && !facts.hasUpdateTime) {
    return { kind: 'refused', code: 'IncrementalRequiresUpdateTimeColumn' };
  }
  if (facts.live !== null) return { kind: 'refused', code: 'PipelineInProgress', details: { run: facts.live } };
  if (facts.mode === 'Inspection') return { kind: 'refused', code: 'InspectionMode' };
  if (facts.mode === 'Maintenance') return { kind: 'refused', code: 'MaintenanceMode' };
  return { kind: 'lost-race' };
}

function notFound(message: string): StartDecision {
  return { kind: 'refused', code: 'NotFound', text: { message } };
}
