import type { Logger } from '@penstock/shared/platform';

export interface Repeated {
  /** Waits for the work that is under way. */
  stop(): Promise<void>;
}

export interface RepeatOptions {
  readonly name: string;
  readonly everyMs: number;
  readonly logger: Logger;
  /** Begins at once instead of after the first wait. */
  readonly immediately?: boolean;
  /** Wait after work that failed; everyMs when absent. */
  readonly retryMs?: number;
}

/** Does `work` again and again, one at a time; an error is logged and never ends it. */
export function repeat(options: RepeatOptions, work: () => Promise<void>): Repeated {
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> = Promise.resolve();
  let stopped = false;
  const turn = async (): Promise<void> => {
    let waitMs = options.everyMs;
    try {
      await work();
    } catch (error) {
      waitMs = options.retryMs ?? options.everyMs;
      options.logger.warn(`${options.name} failed; it is tried again`, { error });
    }
    schedule(waitMs);
  };
  const schedule = (waitMs: number): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      current = turn();
    }, waitMs);
  };
  schedule(options.immediately ? 0 : options.everyMs);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}
