/**
 * Second keys of a warehouse's advisory locks; the first is the oid of its table of fences. Those above 0 mark the sessions of the
 * pipeline with that id.
 */
export const WAREHOUSE_LOCKS = {
  /** Shared by publishes and resolutions, exclusive for an alteration of the schema. */
  alteration: 0,
  /** A warehouse takes so many publishes at a time: each uses memory, and all of its disk's speed. */
  turns: [-1, -2],
  /** One resolution or alteration at a time. */
  operation: -3,
} as const;

/** The keys of a lock, as SQL: the parameter with the name of the table of fences, and the second key or its parameter. */
export function lockKeys(fences: string, key: number | string): string {
  return `to_regclass(${fences})::oid::integer, ${key}`;
}

/** The keys of the lock under which the tables of a schema are created: two that create the same table at once refuse each other. */
export const CREATION_LOCK = "SELECT pg_advisory_xact_lock(hashtext('penstock'), hashtext($1))";
