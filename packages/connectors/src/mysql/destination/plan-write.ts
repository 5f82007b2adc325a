import type { DestinationColumn } from '@penstock/engine';
import { checkTable } from '../../tables/check-table.js';
import type { MysqlSession } from '../session.js';
import type { MysqlTable } from './read-table.js';
import { stagedLiteral } from './staged-column.js';
import { hasBeforeTriggers, type StagingPlan, sequenceName, stageName } from './staging-table.js';

export interface WritePlan extends StagingPlan {
  /** The column that tells rows apart. */
  readonly key: string;
}

/** Decides how columns are written to a table. Throws AppError `SchemaDrift`. */
export async function planWrite(
  session: MysqlSession,
  table: MysqlTable,
  { columns: written, key }: { readonly columns: readonly DestinationColumn[]; readonly key: string },
): Promise<WritePlan> {
  const columns = checkTable(table, { columns: written, key });
  const isMended = await hasBeforeTriggers(session, table);
  const literals = columns.flatMap((column, index) => {
    const from = written[index]?.type;
    return from === undefined ? [] : stagedLiteral(column, from, column.nullable || isMended);
  });
  return { table, columns, literals, stage: stageName(table), sequence: sequenceName(table), key };
}
