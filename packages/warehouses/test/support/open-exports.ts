import { ExportWarehouse } from './export-warehouse.js';
import { COLUMNS, WORKSPACE } from './people.js';
import { PROFILE_COLUMNS, ProfileTable } from './profiles.js';
import type { PostgresqlUnderTest, TestDatabase } from './test-database.js';

/** An initialised warehouse in a place of its own, with an empty table of profiles. */
export async function openExports(
  database: TestDatabase,
  underTest: PostgresqlUnderTest,
  columns = PROFILE_COLUMNS,
): Promise<ExportWarehouse> {
  const settings = await underTest.newPlace();
  await underTest.platform.initialize(settings, { workspace: WORKSPACE, columns: COLUMNS });
  const table = new ProfileTable(database.client, settings.schema, columns);
  await table.create();
  return new ExportWarehouse(underTest.platform.open(settings), table, settings);
}
