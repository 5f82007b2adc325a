import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** For a profile: BENCH_NODE_ARGS="--cpu-prof --cpu-prof-dir=profiles" npm run bench -- --only imports */
const NODE_ARGUMENTS = process.env.BENCH_NODE_ARGS?.split(' ').filter(Boolean) ?? [];

/** A built api or worker, as production runs it. */
export class AppProcess {
  private readonly child: ChildProcess;

  constructor(app: 'api' | 'worker', env: NodeJS.ProcessEnv) {
    const args = [...NODE_ARGUMENTS, `${ROOT}/apps/${app}/dist/main.js`];
    this.child = spawn(process.execPath, args, {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  /** The most memory that the process ever had, in MB. */
  get peakMemoryMb(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1024;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
}
