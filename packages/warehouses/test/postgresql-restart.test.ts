import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresqlPlatform, createWarehousePools, type WarehousePools } from '../src/index.js';
import { effectOf, people, planFor } from './support/people.js';
import { createPrivateServer, type PrivateServer } from './support/private-server.js';
import { TestWarehouse } from './support/test-warehouse.js';

describe('a PostgreSQL server that crashes and restarts', () => {
  let server: PrivateServer;
  let pools: WarehousePools;

  beforeAll(async () => {
    server = await createPrivateServer();
    pools = createWarehousePools();
  });

  afterAll(async () => {
    await pools.close();
    await server.close();
  });

  for (const [what, before] of [
    ['first', 0],
    ['later', 100],
  ] as const) {
    it(`in the middle of a ${what} import loses nothing, and the next attempt does everything`, async () => {
      const platform = createPostgresqlPlatform(pools);
      const schema = `crash_${what}`;
      const settings = {
        host: '127.0.0.1',
        port: server.port,
        username: 'postgres',
        password: 'x',
        database: 'postgres',
        schema,
      };
      const warehouse = await TestWarehouse.create(platform, settings);
      if (before > 0) await warehouse.import({ run: 1, rows: people(1, before) });
      const attempt = await warehouse.begin({ run: 2, epoch: 1 });
      await attempt.stage(people(1, 40_000));
      await server.crashAndRestart();
      const publish = attempt.stage(people(40_001, 80_000)).then(() => attempt.publish(planFor({})));
      await expect(publish).rejects.toMatchObject({ code: 'WarehouseUnavailable', retryable: true });
      await attempt.close();
      expect(await warehouse.userIds()).toHaveLength(before);
      const receipt = await warehouse.import({ run: 2, epoch: 2, rows: people(1, 80_000) });
      expect(effectOf(receipt)).toMatchObject({ added: 80_000 - before, unchanged: before });
      await platform.dropLeftovers(settings, () => false);
    });
  }
});
