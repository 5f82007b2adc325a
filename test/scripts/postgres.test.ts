import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { identifyProcess } from '../../scripts/processes/identity.mjs';
import { isPortFree } from '../../scripts/services/ports.mjs';
import { startPostgres } from '../../scripts/services/postgres.mjs';
import { nextLine, runProgram, temporaryDirectory } from './fixtures.js';

const START = `const { startPostgres } = await import(process.argv[1] + 'services/postgres.mjs');
  const { pid, url } = await startPostgres({ directory: process.argv[2] });
  console.log(JSON.stringify({ pid, url }));`;

async function start(directory: string, settings = {}) {
  const server = await startPostgres({ directory, settings: { fsync: 'off', ...settings } });
  onTestFinished(server.stop);
  return server;
}

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  test('is UTF-8 in locale C, asks for the password and is not reachable from other machines', async () => {
    const { url, port } = await start(await temporaryDirectory(), { max_connections: '37' });
    expect(
      await query(url, 'SELECT pg_encoding_to_char(encoding) AS encoding, datcollate FROM pg_database'),
    ).toContainEqual({
      encoding: 'UTF8',
      datcollate: 'C',
    });
    expect(await query(url, 'SHOW max_connections')).toEqual([{ max_connections: '37' }]);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter((one) => one?.family === 'IPv4' && !one.internal);
    for (const address of outside) await expect(connect(port, address?.address ?? '')).rejects.toThrow('ECONNREFUSED');
  });

  test('keeps data, password and port over a restart; the password is for the owner only', async () => {
    const directory = await temporaryDirectory();
    const first = await start(directory);
    await query(first.url, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)');
    await first.stop();
    await first.stop();
    expect(await identifyProcess(first.pid)).toBeNull();
    expect((await lstat(path.join(directory, 'postgres.json'))).mode & 0o777).toBe(0o600);

    const second = await start(directory);
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
  });

  test('takes another port when its own is in use, or fails when it must have it', async () => {
    const directory = await temporaryDirectory();
    const first = await start(directory);
    await first.stop();
    const squatter = net.createServer().listen(first.port, '127.0.0.1');
    onTestFinished(() => void squatter.close());
    expect((await start(directory)).port).not.toBe(first.port);
    await expect(startPostgres({ directory, port: first.port })).rejects.toThrow(/does not start[\s\S]*in use/);
  });

  test('of a start that was killed is replaced, and its data is whole', async () => {
    const directory = await temporaryDirectory();
    const killed = await runProgram(START, [directory]);
    const left = JSON.parse(await nextLine(killed));
    await query(left.url, 'CREATE TABLE kept AS SELECT 7 AS id');
    killed.child.kill('SIGKILL');
    expect(await identifyProcess(left.pid)).not.toBeNull();

    const { url, pid } = await start(directory);
    expect(await identifyProcess(left.pid)).toBeNull();
    expect(pid).not.toBe(left.pid);
    expect(await query(url, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
  });

  test('starts after it was killed itself, although its lock files name a process that lives', async () => {
    const directory = await temporaryDirectory();
    const killed = await start(directory);
    process.kill(killed.pid, 'SIGKILL');
    await killed.ended;
    const data = path.join(directory, 'postgres');
    const pidFile = path.join(data, 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    await writeFile(pidFile, [process.pid, ...lines.slice(1)].join('\n'));
    for (const name of await readdir(data)) {
      if (name.endsWith('.lock')) await writeFile(path.join(data, name), [process.pid, ...lines.slice(1)].join('\n'));
    }
    // This process lives on: it was neither killed nor waited for.
    expect(await query((await start(directory)).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('begins anew after a first start that was killed half way', async () => {
    const directory = await temporaryDirectory();
    const killed = await runProgram(
      `import { watch } from 'node:fs';
       watch(process.argv[2], (_, name) => name === 'postgres.new' && process.kill(process.pid, 'SIGKILL'));
       ${START}`,
      [directory],
    );
    await new Promise((resolve) => killed.child.once('exit', resolve));
    expect(killed.child.signalCode).toBe('SIGKILL');
    expect(await query((await start(directory)).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readdir(directory)).toEqual(['postgres', 'postgres.json', 'postgres.log']);
  });

  test('works in a directory with a long name and blanks, without a Unix socket', async () => {
    const directory = path.join(await temporaryDirectory(), 'a long name '.repeat(10));
    const { url } = await start(directory);
    expect(await query(url, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
  });

  test('says what is wrong when it cannot start', async () => {
    const directory = await temporaryDirectory();
    await expect(start(directory, { shared_buffers: 'plenty' })).rejects.toThrow(/does not start[\s\S]*shared_buffers/);
    const { port } = await start(directory);
    expect(await isPortFree(port)).toBe(false);
  });
});

function connect(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host }, () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });
}
