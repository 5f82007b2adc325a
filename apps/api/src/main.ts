import { ensureAdminKey } from '@penstock/shared/use-cases';
import { createApp } from './app.js';
import { readConfig } from './config.js';
import { openDependencies } from './dependencies.js';
import { listen } from './http/server.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const deps = await openDependencies(config);
  if (config.PENSTOCK_ADMIN_KEY !== undefined) await ensureAdminKey(deps, config.PENSTOCK_ADMIN_KEY);
  const server = await listen(createApp(deps), { host: config.HOST, port: config.PORT });
  deps.logger.info('api is listening', { host: config.HOST, port: server.port });

  const stop = (signal: string): void => {
    deps.logger.info('api is stopping; requests in flight are finished', { signal });
    server
      .stop(config.SHUTDOWN_GRACE_MS)
      .then(() => deps.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          deps.logger.error('api did not stop cleanly', { error });
          process.exit(1);
        },
      );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`api cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
