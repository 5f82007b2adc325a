import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from '@penstock/shared/testing';
import type { AttemptStage } from '../../src/runtime/attempt.js';

const SCRIPT = fileURLToPath(new URL('./staged-worker.ts', import.meta.url));

export interface WorkerFault {
  /** `none`: only the attempt waits there, until the process gets a SIGCONT. */
  readonly signal: 'SIGKILL' | 'SIGSTOP' | 'none';
  readonly at: AttemptStage;
  /** The how-manieth time; the first when absent. */
  readonly count?: number;
}

/** A real worker process. */
export class WorkerProcess {
  readonly child: ChildProcess;
  /** `<run> <stage>`, in the order in which they were passed. */
  readonly stages: string[] = [];
  private output = '';

  constructor(env: NodeJS.ProcessEnv, fault?: WorkerFault) {
    const faultEnv = fault && { TEST_SIGNAL: fault.signal, TEST_AT: fault.at, TEST_AT_COUNT: String(fault.count ?? 1) };
    this.child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', SCRIPT], {
      env: { ...process.env, ...env, ...faultEnv },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.read(text));
  }

  async ready(): Promise<this> {
    await eventually('the worker is ready', () => this.output.includes('READY\n'));
    return this;
  }

  /** Everything that the process wrote: its log. */
  get log(): string {
    return this.output;
  }

  async passed(stage: AttemptStage, run?: number): Promise<void> {
    await eventually(`an attempt passes ${stage}`, () =>
      this.stages.some((line) => (run === undefined ? line.endsWith(` ${stage}`) : line === `${run} ${stage}`)),
    );
  }

  /** Waits until the process stands still after a SIGSTOP; a SIGCONT that comes before would be lost. */
  async halted(): Promise<void> {
    await eventually('the worker stands still', () =>
      /^State:\s+T/m.test(readFileSync(`/proc/${this.child.pid}/status`, 'utf8')),
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  get exited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits until the process has ended by itself. */
  async ended(): Promise<void> {
    if (!this.exited) await once(this.child, 'exit');
  }

  /** Ends the process, whatever state it is in. */
  async kill(): Promise<void> {
    if (this.exited) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  private read(text: string): void {
    this.output += text;
    this.stages.length = 0;
    for (const [, run, stage] of this.output.matchAll(/^STAGE (\d+) (\w+)$/gm)) this.stages.push(`${run} ${stage}`);
  }
}
