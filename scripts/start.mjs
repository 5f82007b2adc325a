// `npm start`: everything, on a machine that has nothing but Node.js. Until the dependencies are installed only modules of
// Node.js itself can be imported; the rest follows.
import { withLifetime } from './processes/lifetime.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { requireNodeVersion } from './setup/node-version.mjs';
import { createReporter } from './start/reporter.mjs';
import { readSettings } from './start/settings.mjs';

const reporter = createReporter();
try {
  requireNodeVersion();
  const settings = readSettings(process.env);
  await withLifetime(
    async (lifetime) => {
      await ensureDependencies({ report: reporter.line, signal: lifetime.signal });
      const { start } = await import('./start/main.mjs');
      await start({ settings, lifetime, reporter });
    },
    { report: reporter.line },
  );
  reporter.line('stopped');
  process.exit(0);
} catch (error) {
  console.error(`\n${/** @type {Error} */ (error).message}`);
  process.exit(1);
}
