import { createPostgresqlPlatform, createWarehousePools } from '../../src/index.js';
import { COLUMNS, people, planFor } from './people.js';

/**
 * A worker process for tests that stop it. Stages, says `staged`, publishes when it is told to, and says what came of it.
 * Its settings and its target come as JSON on the command line.
 */
const { settings, target, count } = JSON.parse(process.argv[2] ?? '');
const pools = createWarehousePools();
const warehouse = createPostgresqlPlatform(pools).open(settings);
const attempt = await warehouse.beginImport(
  { ...target, columns: COLUMNS, mapped: COLUMNS.map(({ path }) => path), onRefused: () => {} },
  new AbortController().signal,
);
await attempt.stage(people(1, count));
process.stdout.write('staged\n');
process.stdin.once('data', () => {
  attempt
    .publish(planFor({}))
    .then(
      () => 'published',
      (error: Error) => error.name,
    )
    .then(async (outcome) => {
      await attempt.close();
      await pools.close();
      process.stdout.write(`${outcome}\n`);
      process.exit();
    });
});
