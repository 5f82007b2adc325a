import { afterAll, beforeAll, describe } from 'vitest';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  type TestDatabase,
} from './support/test-database.js';
import { describeWarehouse } from './warehouse-conformance.js';

describe('a PostgreSQL warehouse', () => {
  let database: TestDatabase;
  let warehouse: PostgresqlUnderTest;

  beforeAll(async () => {
    database = await createTestDatabase();
    warehouse = postgresqlUnderTest(database);
  });

  afterAll(async () => {
    await warehouse.close();
    await database.close();
  });

  describeWarehouse(() => warehouse);
});
