// Prints the secrets that docker-compose.yml asks for: node scripts/make-env.mjs > .env
// The packages must have been built: npm ci && npm run build
import { randomBytes } from 'node:crypto';

try {
  const { generateApiKey } = await import('@penstock/domain');
  const secrets = {
    POSTGRES_PASSWORD: randomBytes(24).toString('hex'),
    REDIS_PASSWORD: randomBytes(24).toString('hex'),
    // What connections and warehouses are protected with: without it their settings cannot be read any more. Keep a copy.
    PENSTOCK_MASTER_KEY: randomBytes(32).toString('base64'),
    PENSTOCK_ADMIN_KEY: generateApiKey(),
  };
  for (const [name, value] of Object.entries(secrets)) console.log(`${name}=${value}`);
} catch (error) {
  console.error(`the packages must be built first (npm ci && npm run build): ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
