import { lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { identifyProcess } from '../../scripts/processes/identity.mjs';
import { startRedis } from '../../scripts/services/redis.mjs';
import { findRedis } from '../../scripts/services/redis-binary.mjs';
import { nextLine, runProgram, temporaryDirectory } from './fixtures.js';

async function start(directory: string, options: { persistent: boolean; settings?: Record<string, string> }) {
  const server = await startRedis({ directory, ...options });
  onTestFinished(server.stop);
  return server;
}

function connect(url: string): Redis {
  const client = new Redis(url, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

describe('our own Redis', () => {
  test('never evicts, asks for the password, and shows it to nobody', async () => {
    const directory = await temporaryDirectory();
    const { url, port, pid } = await start(directory, { persistent: true });
    expect(await connect(url).config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await connect(url).config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    await expect(connect(`redis://127.0.0.1:${port}`).ping()).rejects.toThrow('NOAUTH');
    expect((await lstat(path.join(directory, 'redis.json'))).mode & 0o777).toBe(0o600);
    if (process.platform === 'linux') {
      expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(new URL(url).password);
    }
  });

  test('keeps data, password and port when it is persistent, also when it is killed', async () => {
    const directory = await temporaryDirectory();
    const settings = { appendfsync: 'always' };
    const first = await start(directory, { persistent: true, settings });
    await connect(first.url).set('kept', '7');
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const second = await start(directory, { persistent: true, settings });
    expect(second.url).toBe(first.url);
    expect(await connect(second.url).get('kept')).toBe('7');
  });

  test('keeps nothing when it is not', async () => {
    const directory = await temporaryDirectory();
    const first = await start(directory, { persistent: false });
    await connect(first.url).set('kept', '7');
    await first.stop();
    await first.stop();
    const second = await start(directory, { persistent: false });
    expect(await connect(second.url).dbsize()).toBe(0);
  });

  test('of a start that was killed is replaced', async () => {
    const directory = await temporaryDirectory();
    const killed = await runProgram(
      `const { startRedis } = await import(process.argv[1] + 'services/redis.mjs');
       const { pid, url } = await startRedis({ directory: process.argv[2], persistent: true });
       console.log(JSON.stringify({ pid, url }));`,
      [directory],
    );
    const left = JSON.parse(await nextLine(killed));
    await connect(left.url).set('kept', '7');
    killed.child.kill('SIGKILL');
    const { url, pid } = await start(directory, { persistent: true });
    expect(await identifyProcess(left.pid)).toBeNull();
    expect(pid).not.toBe(left.pid);
    expect(await connect(url).get('kept')).toBe('7');
  });

  test('works in a directory with blanks and quotes, and says what is wrong when it cannot start', async () => {
    const directory = path.join(await temporaryDirectory(), `a "b" 'c'`);
    await start(directory, { persistent: true });
    await expect(start(directory, { persistent: true, settings: { nonsense: 'yes' } })).rejects.toThrow(
      /Redis does not start[\s\S]*nonsense/,
    );
  });
});

test('a redis-server on the PATH is used, unless it does not run', async () => {
  const directory = await temporaryDirectory();
  const { file, env } = await findRedis();
  const [working, broken] = [path.join(directory, 'working'), path.join(directory, 'broken')];
  await Promise.all([mkdir(working), mkdir(broken)]);
  const script = `#!/bin/sh\nLD_LIBRARY_PATH='${env.LD_LIBRARY_PATH ?? ''}' exec '${file}' "$@"\n`;
  await writeFile(path.join(working, 'redis-server'), script, { mode: 0o755 });
  await writeFile(path.join(broken, 'redis-server'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const found = await findRedis({ PATH: [broken, working, process.env.PATH].join(path.delimiter) });
  expect(found.origin).toBe(path.join(working, 'redis-server'));
});
