import type { WarehouseColumn } from '@penstock/engine';
import { integerLiteral } from '@penstock/postgresql';
import type { ResolutionRequest } from '../../warehouse-platform.js';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';

/** All that the statements of one resolution need. */
export interface Resolution {
  readonly session: Session;
  readonly tables: WarehouseTables;
  readonly request: ResolutionRequest;
  /** Columns of the identifiers, the most important first. */
  readonly identifiers: readonly WarehouseColumn[];
  /** Grows by one with each resolution that had something to do. */
  readonly number: number;
  /** Pipelines whose partition the snapshot sees. */
  readonly pipelines: readonly number[];
  /** Whether all identities are resolved. */
  readonly isFull: boolean;
  /** Whether nothing has been resolved before. */
  readonly isFirst: boolean;
}

/**
 * Tables that live as long as the transaction. Nodes are the identities that are resolved: `n`, a number; key and connection;
 * `i1`, `i2`, … the identifiers in their form for comparison; `old`, the profile of before; `address`, where the identity is in the
 * table of memberships, and `moved`, whether it has other identifiers than there.
 */
export const NODES = 'pg_temp.penstock_nodes';
/** Identities that changed, in their present state; without a connection, those that are gone. */
export const CHANGED = 'pg_temp.penstock_changed';
/** Profiles whose identities are resolved anew. */
export const TOUCHED = 'pg_temp.penstock_touched';
/** Pairs of nodes that belong together: `a`, `b`. */
export const EDGES = 'pg_temp.penstock_edges';
/** `n`, `c`: the component of each node that has an edge; a node that is not there is a component alone, with its own number. */
export const COMPONENTS = 'pg_temp.penstock_components';
/** `c`, `profile`, `size`: the id of each component's profile, and how many identities it has. */
export const PLACES = 'pg_temp.penstock_places';
/** The profiles as they are going to be. */
export const BUILT = 'pg_temp.penstock_built';

/** The column of an identifier in nodes and memberships, by its place. */
export function identifierColumn(index: number): string {
  return `i${index + 1}`;
}

export function identifierColumns({ identifiers }: Pick<Resolution, 'identifiers'>): string[] {
  return identifiers.map((_, index) => identifierColumn(index));
}

/**
 * That an identity is in a partition that the snapshot sees. A partition that is attached meanwhile shows those of its rows that had
 * arrived before, a part of an import.
 */
export function isVisible({ pipelines }: Pick<Resolution, 'pipelines'>, alias: string): string {
  return pipelines.length === 0 ? 'false' : `${alias}._pipeline IN (${pipelines.map(integerLiteral).join(', ')})`;
}

/** Creates a table of the transaction from a query, with statistics: the planner would have to guess. Returns its number of rows. */
export async function createTable(session: Session, table: string, query: string): Promise<number> {
  const rows = await session.execute(`CREATE TEMPORARY TABLE ${table} ON COMMIT DROP AS ${query}`);
  await session.query(`ANALYZE ${table}`);
  return rows;
}

/** Drops a table of the transaction. */
export async function dropTable(session: Session, table: string): Promise<void> {
  await session.query(`DROP TABLE ${table}`);
}
