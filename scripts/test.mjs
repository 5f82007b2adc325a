// `npm test`: all tests, with a PostgreSQL and a Redis that exist only for them. Arguments go to vitest:
// `npm test -- packages/engine`. Until the dependencies are installed only modules of Node.js can be imported.
import { withLifetime } from './processes/lifetime.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { requireNodeVersion } from './setup/node-version.mjs';
import { summarize } from './testing/summary.mjs';

const INTERRUPTED = 130;

try {
  requireNodeVersion();
  const outcome = await withLifetime(
    async (lifetime) => {
      await ensureDependencies({ signal: lifetime.signal });
      const { runTests } = await import('./testing/run-tests.mjs');
      return runTests(lifetime, process.argv.slice(2));
    },
    { report: console.log },
  );
  const { code, report } = 'result' in outcome ? outcome.result : { code: INTERRUPTED, report: undefined };
  console.log(summarize(report, code));
  process.exitCode = code;
} catch (error) {
  console.error(`\n${/** @type {Error} */ (error).message}`);
  console.log(summarize(undefined, 1));
  process.exitCode = 1;
}
// Whatever is still open must not keep the terminal.
process.exit();
