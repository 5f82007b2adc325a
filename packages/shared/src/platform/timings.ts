import { z } from 'zod';

const milliseconds = z.coerce.number().int().positive();

/** Every clock of the run life cycle, in milliseconds. Tests make them short; the relations between them always hold. */
export const timingsSchema = z
  .object({
    /** How often an attempt says that it is alive. */
    heartbeatMs: milliseconds.default(5_000),
    /** A run is stale when recovery has watched its heartbeat stay the same for this long. */
    staleAfterMs: milliseconds.default(30_000),
    /** How often recovery looks. */
    recoveryEveryMs: milliseconds.default(10_000),
    /** Time to live of a pipeline's lock in Redis, and how often it is renewed. */
    lockTtlMs: milliseconds.default(30_000),
    lockRenewMs: milliseconds.default(10_000),
    /** How often the reconciler makes Redis equal to PostgreSQL. */
    reconcileEveryMs: milliseconds.default(60_000),
    /** How often leftovers of killed attempts are looked for in the warehouses. */
    sweepEveryMs: milliseconds.default(3_600_000),
    /** A run that moves no record for this long ends at its step. */
    noProgressMs: milliseconds.default(600_000),
    /** A publish that takes longer ends. */
    publishMs: milliseconds.default(3_600_000),
    /** Waits before the first, second, ... retry of a run. */
    retryDelaysMs: z.array(milliseconds).default([5_000, 30_000, 120_000]),
    /** How long a worker that was told to stop waits for its runs. */
    shutdownMs: milliseconds.default(20_000),
  })
  .superRefine((timings, context) => {
    const relations: readonly (readonly [boolean, string])[] = [
      [timings.heartbeatMs * 2 < timings.staleAfterMs, 'heartbeatMs must be less than half of staleAfterMs'],
      [timings.lockRenewMs * 2 < timings.lockTtlMs, 'lockRenewMs must be less than half of lockTtlMs'],
      [timings.recoveryEveryMs <= timings.staleAfterMs, 'recoveryEveryMs must not exceed staleAfterMs'],
    ];
    for (const [holds, message] of relations) if (!holds) context.addIssue({ code: 'custom', message });
  });

export type Timings = z.infer<typeof timingsSchema>;
