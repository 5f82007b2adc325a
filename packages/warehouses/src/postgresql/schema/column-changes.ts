import type { WarehouseColumn } from '@penstock/engine';
import { columnType, quoteIdentifier } from '@penstock/postgresql';
import type { SchemaAlteration } from '../../warehouse-platform.js';
import type { TableName } from '../warehouse-tables.js';

/** What an alteration does to the columns of each table, by their names: in this order, so that names are free. */
export interface ColumnChanges {
  readonly dropped: readonly string[];
  readonly renamed: readonly Renaming[];
  readonly added: readonly WarehouseColumn[];
}

export interface Renaming {
  readonly from: string;
  readonly to: string;
}

/** Finds the changes of an alteration whose paths exist. */
export function columnChanges({ before, after, kept }: SchemaAlteration): ColumnChanges {
  // A property may be called `constructor`, which every object has.
  const sources = new Map(Object.entries(kept));
  const keptPaths = new Set(sources.values());
  const columnBefore = new Map(before.map(({ path, column }) => [path, column]));
  const renamings = after.flatMap(({ path, column: to }) => {
    const from = columnBefore.get(sources.get(path) ?? '');
    return from === undefined || from === to ? [] : [{ from, to }];
  });
  return {
    dropped: before.filter(({ path }) => !keptPaths.has(path)).map(({ column }) => column),
    renamed: inOrder(renamings),
    added: after.filter(({ path }) => !sources.has(path)),
  };
}

/** The statements that make the changes in a table. */
export function changeStatements({ sql }: TableName, { dropped, renamed, added }: ColumnChanges): string[] {
  const drops = dropped.map((column) => `DROP COLUMN ${quoteIdentifier(column)}`);
  const adds = added.map(({ column, type }) => `ADD COLUMN ${quoteIdentifier(column)} ${columnType(type).sql}`);
  return [
    ...(drops.length > 0 ? [`ALTER TABLE ${sql} ${drops.join(', ')}`] : []),
    ...renamed.map(
      ({ from, to }) => `ALTER TABLE ${sql} RENAME COLUMN ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`,
    ),
    ...(adds.length > 0 ? [`ALTER TABLE ${sql} ${adds.join(', ')}`] : []),
  ];
}

/**
 * Puts renamings into an order in which each new name is free. Names that move around in a circle, as two that are swapped, have
 * none: one of them makes way under a name that no column of a profile schema can have.
 */
function inOrder(renamings: readonly Renaming[]): Renaming[] {
  const waiting = new Map(renamings.map(({ from, to }) => [from, to]));
  return renamings.flatMap(({ from }, index) => {
    const chain = takeChain(waiting, from);
    const isCircle = chain.length > 0 && chain[0]?.to === from;
    if (!isCircle) return chain;
    const aside = `_renamed_${index + 1}`;
    return [{ from, to: aside }, ...chain.slice(0, -1), { from: aside, to: chain.at(-1)?.to ?? from }];
  });
}

/** Takes the renamings that stand in the way of one, and it, in their order: it comes last. */
function takeChain(waiting: Map<string, string>, first: string): Renaming[] {
  const chain: Renaming[] = [];
  for (let from = first, to = waiting.get(from); to !== undefined; from = to, to = waiting.get(from)) {
    chain.unshift({ from, to });
    waiting.delete(from);
  }
  return chain;
}
