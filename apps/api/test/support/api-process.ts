import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@penstock/shared/testing';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A real api process. */
export class ApiProcess {
  readonly child: ChildProcess;
  #output = '';

  private constructor(env: NodeJS.ProcessEnv) {
    const { PATH } = process.env;
    this.child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', MAIN], {
      env: { PATH, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
  }

  /** Starts a process and waits until it listens. */
  static async start(env: NodeJS.ProcessEnv): Promise<ApiProcess> {
    const api = new ApiProcess(env);
    await eventually('the api listens', () => {
      if (api.exited) throw new Error(`the api has ended: ${api.output}`);
      return api.port !== undefined;
    });
    return api;
  }

  /** Starts a process that is expected to end by itself. */
  static async ended(env: NodeJS.ProcessEnv): Promise<ApiProcess> {
    const api = new ApiProcess(env);
    if (!api.exited) await once(api.child, 'close');
    return api;
  }

  /** Everything that it wrote. */
  get output(): string {
    return this.#output;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get exited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get port(): string | undefined {
    return /api is listening.*"port":(\d+)|"port":(\d+).*api is listening/.exec(this.#output)?.slice(1).find(Boolean);
  }

  async kill(): Promise<void> {
    if (this.exited) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}
