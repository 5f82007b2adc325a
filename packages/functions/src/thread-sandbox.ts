import { Worker } from 'node:worker_threads';
import type { FunctionProgram } from '@penstock/language';
import { answerTooLong, functionEnd, threadDied, timeout } from './function-end.js';
import type { FunctionLimits, FunctionSandbox } from './function-sandboxes.js';
import type { ThreadMessage } from './thread-messages.js';

/** How much later than the function's own clock the thread is ended: not everything lets an interpreter look at its clock. */
const GRACE_MS = 400;

/** Characters of an answer: what comes back is read by the thread that everything else waits for. */
const MAX_ANSWER_LENGTH = 16 * 1024 * 1024;

/** Longest time for the interpreter to start, before any of the user's code runs. */
const BOOT_TIMEOUT_MS = 60_000;

/** Of the thread outside of the interpreter: texts of batches and answers on their way. */
const RESOURCE_LIMITS = {
  maxOldGenerationSizeMb: 256,
  maxYoungGenerationSizeMb: 32,
  codeRangeSizeMb: 16,
  // An interpreter has a limit of its own for how deep code may go; it must come first, as it fails a record, not the function.
  stackSizeMb: 64,
};

/** A batch that has been handed to the thread and not been answered. */
interface Turn {
  resolve(answer: string): void;
  reject(reason: unknown): void;
}

/** A function in a thread of its own, which ends with it. */
export class ThreadSandbox implements FunctionSandbox {
  readonly #worker: Worker;
  readonly #limits: FunctionLimits;
  readonly #turns: Turn[] = [];
  #isReady = false;
  #watchdog: NodeJS.Timeout | undefined;
  #ended: { readonly reason: unknown; readonly threadEnd: Promise<unknown> } | undefined;

  constructor(thread: URL, program: FunctionProgram, limits: FunctionLimits) {
    this.#limits = limits;
    this.#worker = new Worker(thread, {
      workerData: { program, limits },
      env: {},
      argv: [],
      execArgv: [],
      stdin: true,
      stdout: true,
      stderr: true,
      resourceLimits: RESOURCE_LIMITS,
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on('message', (message: ThreadMessage) => this.#receive(message));
    this.#worker.on('error', (error) => this.#end(threadDied(error, limits)));
    this.#worker.on('exit', () => this.#end(threadDied(undefined, limits)));
    this.#watch(BOOT_TIMEOUT_MS);
  }

  run(batch: string, signal: AbortSignal): Promise<string> {
    if (signal.aborted) this.#end(signal.reason);
    if (this.#ended !== undefined) return Promise.reject(this.#ended.reason);
    return new Promise((resolve, reject) => {
      const abort = (): void => this.#end(signal.reason);
      const done = (): void => signal.removeEventListener('abort', abort);
      signal.addEventListener('abort', abort);
      this.#turns.push({
        resolve: (answer) => {
          done();
          resolve(answer);
        },
        reject: (reason) => {
          done();
          reject(reason);
        },
      });
      this.#worker.postMessage(batch);
      if (this.#isReady && this.#turns.length === 1) this.#watchTurn();
    });
  }

  async close(): Promise<void> {
    this.#end(new Error('the function sandbox is closed'));
    await this.#ended?.threadEnd;
  }

  #receive(message: ThreadMessage): void {
    if (this.#ended !== undefined) return;
    switch (message.type) {
      case 'booted':
        this.#watchTurn();
        break;
      case 'ready':
        this.#isReady = true;
        this.#watchNextTurn();
        break;
      case 'answer':
        this.#answer(message.answer);
        break;
      case 'ended':
        this.#end(functionEnd(message.code, this.#limits, message.message));
    }
  }

  #answer(answer: string): void {
    if (answer.length > MAX_ANSWER_LENGTH) {
      this.#end(answerTooLong(MAX_ANSWER_LENGTH));
      return;
    }
    this.#turns.shift()?.resolve(answer);
    this.#watchNextTurn();
  }

  #watchNextTurn(): void {
    if (this.#turns.length > 0) this.#watchTurn();
    else this.#unwatch();
  }

  #watchTurn(): void {
    this.#watch(this.#limits.batchTimeoutMs + GRACE_MS);
  }

  /** Whether the time was really exceeded is decided after messages that wait have been received: this thread may be the late one. */
  #watch(timeoutMs: number): void {
    this.#unwatch();
    const watchdog = setTimeout(() => {
      setImmediate(() => {
        if (this.#watchdog === watchdog) this.#end(timeout(this.#limits));
      });
    }, timeoutMs);
    this.#watchdog = watchdog;
  }

  #unwatch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = undefined;
  }

  /** Ends the function once: the thread, and every batch that is not answered. */
  #end(reason: unknown): void {
    if (this.#ended !== undefined) return;
    this.#unwatch();
    this.#ended = { reason, threadEnd: this.#worker.terminate().catch(() => undefined) };
    for (const turn of this.#turns.splice(0)) turn.reject(reason);
  }
}
