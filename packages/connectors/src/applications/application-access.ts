/** A rate that an application allows, for all that share a name. */
export interface RateLimit {
  /** Who shares it: the connection and the part of the application, `hubspot:<hash of the account>:search`. */
  readonly name: string;
  /** Requests a second, on average. */
  readonly perSecond: number;
  /** Requests that may go at once. */
  readonly burst: number;
}

/**
 * Rate limits that all workers and apis share. Contract: over any time t, `take` resolves at most burst + perSecond * t times for a name,
 * whoever calls it; `pause` lets nobody through for a while, as an application asks that has been asked too often. Should what is shared be away, each process keeps
 * the limit by itself. An aborted signal rejects with its reason at once; `take` throws AppError `SourceUnavailable` as soon as it would wait for more than two minutes (or,
 * where the rate is slower than one request in 24 seconds, for more than five requests).
 */
export interface RateLimits {
  take(limit: RateLimit, signal: AbortSignal): Promise<void>;
  pause(limit: RateLimit, durationMs: number): Promise<void>;
}

/** What an operator allows connectors of applications, and what they share. */
export interface ApplicationAccess {
  /** Whether they may connect to addresses of private networks and of this machine. */
  readonly allowPrivateNetworks: boolean;
  readonly limits: RateLimits;
}
