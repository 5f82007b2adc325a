import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe } from 'vitest';
import { sftp } from '../src/sftp/sftp.js';
import { OPEN_ACCESS } from './read-storage.js';
import { type SshdTest, startSshd } from './sshd.js';
import { storageConformance } from './storage-conformance.js';
import { startProxy } from './tcp-server.js';

const started = await startSshd();

describe.skipIf(started === null)("with OpenSSH's server", () => {
  storageConformance('sftp', async () => {
    const server = started as SshdTest;
    // Between the two, so that connections can be cut.
    const proxy = await startProxy({ host: '127.0.0.1', port: server.port });
    return {
      open: () => sftp.open({ ...server.settings, port: proxy.port }, OPEN_ACCESS),
      hasPatterns: sftp.hasPatterns,
      put: server.put,
      remove: (name) => rm(path.join(server.files, name)),
      invalidPaths: ['', 'a\0b'],
      secrets: [String(server.settings.privateKey)],
      cut: async () => proxy.cut(),
      working: () => server.sessions(),
      stop: async () => {
        await proxy.stop();
        await server.stop();
      },
    };
  });
});
