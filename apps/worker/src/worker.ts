import type { Redis } from '@penstock/shared/platform';
import { QUEUE_NAMES } from '@penstock/shared/queues';
import { cancellationChannel, queueSweeps, reconcile, recoverRuns, StaleWatch } from '@penstock/shared/use-cases';
import type { Worker } from 'bullmq';
import { createHandlers } from './processors/index.js';
import { QUEUE_CONCURRENCY } from './queue-concurrency.js';
import type { AttemptDependencies } from './runtime/attempt.js';
import { consumeQueue } from './runtime/queue-consumer.js';
import { type Repeated, repeat } from './runtime/repeat.js';

/** A running worker: consumes the queues, recovers lost runs, keeps Redis equal to PostgreSQL, hears of cancellations. */
export class PipelineWorker {
  private readonly consumers: readonly Worker[];
  private readonly duties: readonly Repeated[];
  private readonly subscriber: Redis;
  private readonly deps: AttemptDependencies;
  private stopped: Promise<void> | undefined;

  constructor(deps: AttemptDependencies, options: { readonly runConcurrency: number }) {
    this.deps = deps;
    const handlers = createHandlers(deps);
    this.consumers = QUEUE_NAMES.map((queue) =>
      consumeQueue({
        queue,
        redis: deps.redis,
        prefix: deps.redisPrefix,
        concurrency: queue === 'runs' ? options.runConcurrency : QUEUE_CONCURRENCY[queue],
        handlers,
        logger: deps.logger,
      }),
    );
    this.duties = this.startDuties();
    this.subscriber = this.subscribe();
  }

  /** Stops intake, hands back the runs, and resolves when nothing is under way any more. Idempotent. */
  stop(): Promise<void> {
    this.stopped ??= this.stopInOrder();
    return this.stopped;
  }

  private async stopInOrder(): Promise<void> {
    const closed = this.consumers.map((consumer) => consumer.close());
    this.deps.attempts.stopAll();
    await Promise.all(closed);
    await Promise.all(this.duties.map((duty) => duty.stop()));
    this.subscriber.disconnect();
  }

  private startDuties(): Repeated[] {
    const { timings, logger } = this.deps;
    const watch = new StaleWatch({ staleAfterMs: timings.staleAfterMs, lookEveryMs: timings.recoveryEveryMs });
    return [
      repeat({ name: 'recovery', everyMs: timings.recoveryEveryMs, logger, immediately: true }, () =>
        recoverRuns(this.deps, watch),
      ),
      repeat({ name: 'reconciliation', everyMs: timings.reconcileEveryMs, logger, immediately: true }, () =>
        reconcile(this.deps),
      ),
      repeat({ name: 'queueing of sweeps', everyMs: timings.sweepEveryMs, logger }, () => queueSweeps(this.deps)),
    ];
  }

  private subscribe(): Redis {
    const subscriber = this.deps.redis.duplicate();
    subscriber.on('error', () => undefined);
    subscriber.on('message', (_channel, run) => this.deps.attempts.cancel(Number(run)));
    // ioredis subscribes again whenever it reconnects.
    subscriber.subscribe(cancellationChannel(this.deps.redisPrefix)).catch(() => undefined);
    return subscriber;
  }
}
