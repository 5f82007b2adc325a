import type { WarehouseColumn } from '@penstock/engine';
import { integerLiteral, quoteIdentifier } from '@penstock/postgresql';
import type { ResolutionRequest } from '../../warehouse-platform.js';

/** From the newest to the oldest; identities of the same time come in the order of their keys. */
export const NEWEST_FIRST = '_updated_at DESC, _pipeline, _user_id';

/** The connection whose values of a property go first. A property may be called `constructor`, which every object has. */
export function primarySource({ primarySources }: ResolutionRequest, { path }: WarehouseColumn): number | undefined {
  return Object.hasOwn(primarySources, path) ? primarySources[path] : undefined;
}

export function isUnited({ type }: WarehouseColumn): boolean {
  return type.kind === 'array';
}

/**
 * The value of a scalar property, from the identities of a group that come newest first: that of the primary source goes first. There
 * is no aggregate for the first value that is not null.
 */
export function chosenValue({ column }: WarehouseColumn, primary: number | undefined): string {
  const value = quoteIdentifier(column);
  const first = (which: string): string => `(array_agg(${value}) FILTER (WHERE ${which}))[1]`;
  const newest = first(`${value} IS NOT NULL`);
  if (primary === undefined) return newest;
  return `coalesce(${first(`${value} IS NOT NULL AND _connection = ${integerLiteral(primary)}`)}, ${newest})`;
}

/** The places of the rows of a group, numbered `_place`, that {@link chosenValue} can choose. */
export function chosenPlace({ column }: WarehouseColumn, primary: number | undefined): string[] {
  const value = quoteIdentifier(column);
  const newest = `min(_place) FILTER (WHERE ${value} IS NOT NULL)`;
  if (primary === undefined) return [newest];
  return [`min(_place) FILTER (WHERE ${value} IS NOT NULL AND _connection = ${integerLiteral(primary)})`, newest];
}

/** An array with each element once, where it comes first. */
export function withoutRepetitions(value: string): string {
  return `CASE WHEN cardinality(${value}) > 1 THEN (
    SELECT array_agg(element ORDER BY place) FROM (
      SELECT element, min(place) AS place FROM unnest(${value}) WITH ORDINALITY AS e (element, place) GROUP BY element
    ) AS once) ELSE ${value} END`;
}
