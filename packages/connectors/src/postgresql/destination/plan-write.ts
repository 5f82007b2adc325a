import type { DestinationColumn } from '@penstock/engine';
import { checkTable } from '../../tables/check-table.js';
import type { PostgresqlTable } from './read-table.js';
import { foldsTexts, mayConfuseKeys } from './same-keys.js';
import { type StagedColumn, stageColumn } from './staged-column.js';
import { type StagingPlan, sequenceName } from './staging-table.js';

export interface WritePlan extends StagingPlan {
  /** The column that tells rows apart. */
  readonly key: string;
  readonly mayConfuseKeys: boolean;
  /** Whether keys are texts that the table may take for the same although they differ. */
  readonly foldsKeys: boolean;
}

/** Decides how columns are written to a table. Throws AppError `SchemaDrift`. */
export function planWrite(table: PostgresqlTable, written: readonly DestinationColumn[], key: string): WritePlan {
  const columns = checkTable(table, { columns: written, key });
  const staged: StagedColumn[] = [];
  let confuses = false;
  let folds = false;
  for (const [index, column] of columns.entries()) {
    const source = written[index];
    if (source === undefined) continue;
    staged.push(stageColumn(column, source.type, table.catalog));
    if (column.name !== key) continue;
    confuses = mayConfuseKeys(column, source);
    folds = foldsTexts(column, source);
  }
  return { table, columns, staged, sequence: sequenceName(table), key, mayConfuseKeys: confuses, foldsKeys: folds };
}
