import { columnDefinitions } from './identity-columns.js';
import type { Session } from './session.js';
import { integerLiteral } from './sql-text.js';
import type { Staging } from './staged-rows.js';

/** The check that lets the staging table become a partition without being read again. */
export const PARTITION_CHECK = 'penstock_one_pipeline';

/**
 * Creates the staging table: like the identities, and behind them `_seq`, the order in which rows were read. What is the same
 * in all rows is a default, so that it is not sent. Statistics and cleaning would only disturb a table that lives for minutes.
 */
export async function createStagingTable(session: Session, { target, table, logged }: Staging): Promise<void> {
  const [pipeline, connection, run] = [target.pipeline, target.connection, target.run].map(integerLiteral);
  await session.query(`
    CREATE ${logged ? '' : 'UNLOGGED '}TABLE ${table.sql} (${columnDefinitions(target.columns)}, _seq bigint NOT NULL,
      CONSTRAINT ${PARTITION_CHECK} CHECK (_pipeline = ${pipeline})) WITH (autovacuum_enabled = off);
    ALTER TABLE ${table.sql} ALTER _pipeline SET DEFAULT ${pipeline}, ALTER _connection SET DEFAULT ${connection},
      ALTER _run SET DEFAULT ${run}`);
}
