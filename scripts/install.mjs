// Installs the dependencies unless they are there as package-lock.json wants them.
import { ensureDependencies } from './setup/dependencies.mjs';
import { requireNodeVersion } from './setup/node-version.mjs';

try {
  requireNodeVersion();
  const installed = await ensureDependencies();
  if (!installed) console.log('the dependencies are up to date');
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}
