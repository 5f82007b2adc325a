export interface WarehouseTimeouts {
  /** Longest wait for a lock; a publish has its own for its turn. */
  readonly lockMs: number;
  /** Longest wait of a publish for its turn. */
  readonly turnMs: number;
  /** A transaction whose worker is silent for so long is rolled back by the server. */
  readonly idleInTransactionMs: number;
}

export const DEFAULT_TIMEOUTS: WarehouseTimeouts = { lockMs: 5_000, turnMs: 10 * 60_000, idleInTransactionMs: 60_000 };
