import { integerLiteral } from '@penstock/postgresql';
import { columnDefinitions } from './identity-columns.js';
import type { Session } from './session.js';
import type { Staging } from './staged-rows.js';

/** The check that lets the staging table become a partition without being read again. */
export const PARTITION_CHECK = 'penstock_one_pipeline';

/**
 * What becomes of a table when the server crashes: logged ones stay as they are, unlogged ones are emptied, temporary ones, which only
 * their session sees, are gone.
 */
export type Persistence = 'logged' | 'unlogged' | 'temporary';

export const PERSISTENCE_SQL: Readonly<Record<Persistence, string>> = {
  logged: '',
  unlogged: 'UNLOGGED',
  temporary: 'TEMPORARY',
};

/**
 * Creates the staging table: like the identities, and behind them `_seq`, the order in which rows were read. What is the same
 * in all rows is a default, so that it is not sent. Statistics and cleaning would only disturb a table that lives for minutes.
 */
export async function createStagingTable(session: Session, { target, table, persistence }: Staging): Promise<void> {
  const [pipeline, connection, run] = [target.pipeline, target.connection, target.run].map(integerLiteral);
  await session.query(`
    CREATE ${PERSISTENCE_SQL[persistence]} TABLE ${table.sql} (${columnDefinitions(target.columns)}, _seq bigint NOT NULL,
      CONSTRAINT ${PARTITION_CHECK} CHECK (_pipeline = ${pipeline})) WITH (autovacuum_enabled = off);
    ALTER TABLE ${table.sql} ALTER _pipeline SET DEFAULT ${pipeline}, ALTER _connection SET DEFAULT ${connection},
      ALTER _run SET DEFAULT ${run}`);
}
