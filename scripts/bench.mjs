// `npm run bench`: the benchmarks, with a PostgreSQL and a Redis that exist only for them. Arguments go to the benchmarks.
// Until the dependencies are installed only modules of Node.js can be imported.
import { withLifetime } from './processes/lifetime.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { requireNodeVersion } from './setup/node-version.mjs';

const INTERRUPTED = 130;

try {
  requireNodeVersion();
  const outcome = await withLifetime(
    async (lifetime) => {
      await ensureDependencies({ signal: lifetime.signal });
      const { runBenchmarks } = await import('./testing/run-benchmarks.mjs');
      return runBenchmarks(lifetime, process.argv.slice(2));
    },
    { report: console.log },
  );
  process.exitCode = 'result' in outcome ? outcome.result : INTERRUPTED;
} catch (error) {
  console.error(`\n${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
process.exit();
