import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Our packages are resolved to their sources; nothing has to be built for a test.
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['{apps,packages}/*/test/**/*.test.ts', '{apps,packages}/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
