import { integerLiteral, quoteIdentifier } from '@penstock/postgresql';
import { PARTITION_CHECK } from '../create-staging-table.js';
import type { TableName } from '../warehouse-tables.js';
import { logPipeline } from './log-changes.js';
import { mergeDuplicates } from './merge-duplicates.js';
import type { Effect, Publication } from './publication.js';
import { unlessDuplicate } from './unless-duplicate.js';

/**
 * Makes the staging table the pipeline's partition: builds its index and hangs it in, so that no row is written a second time.
 * Attaching does not read the table, because its constraints already say what the partition's bound says, and it does not lock
 * readers out; it comes last, to hold its lock on the identities for as short as possible.
 *
 * One reader can tell: a REPEATABLE READ transaction that began during the staging and reads again after the publish finds the
 * new partition, and in it the rows that had arrived when it began. Statements of their own never see a part.
 */
export async function attachStage(publication: Publication, stage: TableName): Promise<Effect> {
  const { session, tables, target, acknowledged } = publication;
  const partition = tables.partition(target.pipeline);
  const addKey = `ALTER TABLE ${stage.sql} ADD CONSTRAINT ${quoteIdentifier(`${partition.name}_pkey`)}
    PRIMARY KEY (_user_id, _pipeline)`;
  let merged = 0;
  if (!(await unlessDuplicate(session, addKey))) {
    merged = await mergeDuplicates(session, stage);
    await session.query(addKey);
  }
  await logPipeline(publication);
  await session.query(`
    ALTER TABLE ${stage.sql} DROP COLUMN _seq, ALTER _pipeline DROP DEFAULT, ALTER _connection DROP DEFAULT,
      ALTER _run DROP DEFAULT, RESET (autovacuum_enabled);
    ALTER TABLE ${stage.sql} RENAME TO ${quoteIdentifier(partition.name)};
    ALTER TABLE ${tables.identities.sql} ATTACH PARTITION ${partition.sql}
      FOR VALUES IN (${integerLiteral(target.pipeline)});
    ALTER TABLE ${partition.sql} DROP CONSTRAINT ${PARTITION_CHECK}`);
  return { added: acknowledged - merged, changed: 0, unchanged: 0, removed: 0, merged };
}
