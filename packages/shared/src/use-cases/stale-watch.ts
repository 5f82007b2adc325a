/** A running run as one look at the database finds it. */
export interface ObservedRun {
  readonly run: number;
  readonly epoch: number;
  /** The database's text of the heartbeat: compared, never computed with. */
  readonly heartbeatAt: string;
}

/**
 * Decides which running runs are stale: those whose heartbeat this watch itself has seen stay the same for `staleAfterMs`.
 * Comparing a heartbeat with a clock instead would condemn healthy runs after every outage of the database, when nobody could
 * write one. For the same reason time counts only between two looks that follow each other closely; a gap starts anew.
 */
export class StaleWatch {
  private readonly seen = new Map<string, { readonly heartbeatAt: string; unchangedMs: number }>();
  private lastLookMs: number | undefined;
  private readonly options: { readonly staleAfterMs: number; readonly lookEveryMs: number };

  constructor(options: { readonly staleAfterMs: number; readonly lookEveryMs: number }) {
    this.options = options;
  }

  /** Takes one look, at a monotonic time; returns the runs that are stale by now. */
  look(running: readonly ObservedRun[], nowMs: number): ObservedRun[] {
    const elapsedMs = this.lastLookMs === undefined ? Number.POSITIVE_INFINITY : nowMs - this.lastLookMs;
    // Overdue by one and a half periods: this process or the database stood still, and so may have the owners.
    if (elapsedMs > this.options.lookEveryMs * 2.5) this.seen.clear();
    this.lastLookMs = nowMs;
    const before = new Map(this.seen);
    this.seen.clear();
    return running.filter((observed) => {
      const key = `${observed.run}:${observed.epoch}`;
      const known = before.get(key);
      const unchangedMs = known?.heartbeatAt === observed.heartbeatAt ? known.unchangedMs + elapsedMs : 0;
      this.seen.set(key, { heartbeatAt: observed.heartbeatAt, unchangedMs });
      return unchangedMs >= this.options.staleAfterMs;
    });
  }

  /** Forgets everything: a look failed, so nothing is known of what happened meanwhile. */
  reset(): void {
    this.seen.clear();
    this.lastLookMs = undefined;
  }
}
