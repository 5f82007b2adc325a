import { s3 } from '../src/s3/s3.js';
import { OPEN_ACCESS } from './read-storage.js';
import { startPlainS3 } from './s3-server.js';
import { storageConformance } from './storage-conformance.js';
import { startProxy } from './tcp-server.js';

storageConformance('s3', async () => {
  const server = await startPlainS3();
  // Between the two, so that connections can be cut.
  const proxy = await startProxy({ host: '127.0.0.1', port: server.port });
  const settings = { ...server.settings, endpoint: `http://127.0.0.1:${proxy.port}` };
  return {
    open: () => s3.open(settings, OPEN_ACCESS),
    hasPatterns: s3.hasPatterns,
    put: server.put,
    invalidPaths: ['', `${'a'.repeat(1_025)}`, 'a\0b'],
    secrets: [String(server.settings.secretAccessKey)],
    cut: async () => proxy.cut(),
    working: async () => server.connections(),
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
});
