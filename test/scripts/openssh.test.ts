import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { waitUntil } from '../../scripts/processes/wait-until.mjs';
import { startOpenSsh } from '../../scripts/services/openssh.mjs';
import { findOpenSsh } from '../../scripts/services/openssh-binaries.mjs';
import { temporaryDirectory } from './fixtures.js';

const available = await findOpenSsh().then(
  () => true,
  (error: Error) => {
    console.warn(`tests of OpenSSH are skipped: ${error.message}`);
    return false;
  },
);

test.runIf(available)("our own OpenSSH's server ends all connections when it is stopped", async () => {
  const server = await startOpenSsh({ directory: await temporaryDirectory() });
  onTestFinished(server.stop);
  const socket = net.connect(server.port, '127.0.0.1');
  const closed = once(socket, 'close');
  const [greeting] = await once(
    socket.on('error', () => undefined),
    'data',
  );
  expect(String(greeting)).toMatch(/^SSH-2\.0-OpenSSH/);
  await waitUntil(async () => (await server.sessions()) === 1, { timeoutMs: 5_000, what: 'a session' });
  socket.resume();
  await server.stop();
  await server.stop();
  await closed;
  await writeFile(path.join(server.files, 'still-there'), '');
});

test.runIf(available)('it says what is wrong when it cannot start', async () => {
  const directory = await temporaryDirectory();
  await expect(startOpenSsh({ directory, settings: { Nonsense: 'yes' } })).rejects.toThrow(
    /OpenSSH's server cannot be run here[\s\S]*Nonsense/,
  );
});
