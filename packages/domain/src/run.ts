/** `queued -> running -> succeeded | failed | cancelled`; back to queued by recovery, hand-back and retry only. */
export const RUN_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

export type RunStatus = (typeof RUN_STATUSES)[number];

export const RUN_TRIGGERS = ['api', 'schedule', 'retry'] as const;

/** What asked for a run. */
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

/** A run is live while it is queued or running; a final state never changes. */
export function isLive(status: RunStatus): boolean {
  return status === 'queued' || status === 'running';
}

export const WAREHOUSE_MODES = ['Normal', 'Inspection', 'Maintenance'] as const;

export type WarehouseMode = (typeof WAREHOUSE_MODES)[number];
