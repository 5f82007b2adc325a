import { randomInt } from 'node:crypto';

const MIN_ENTITY_ID = 100_000_000;
const MAX_ENTITY_ID = 2_147_483_647;
const ID_PATTERN = /^[1-9][0-9]{0,15}$/;

/** A new random id for a workspace, connection or pipeline; the database's primary key refuses a collision. */
export function newEntityId(): number {
  return randomInt(MIN_ENTITY_ID, MAX_ENTITY_ID + 1);
}

/** Reads the id of a workspace, connection or pipeline: 1..2^31-1 without sign or leading zero, else undefined. */
export function parseEntityId(text: string): number | undefined {
  return parseId(text, MAX_ENTITY_ID);
}

/** Reads the id of a run: 1..2^53-1 without sign or leading zero, else undefined. */
export function parseRunId(text: string): number | undefined {
  return parseId(text, Number.MAX_SAFE_INTEGER);
}

function parseId(text: string, maximum: number): number | undefined {
  if (!ID_PATTERN.test(text)) return undefined;
  const id = Number(text);
  return id <= maximum ? id : undefined;
}
