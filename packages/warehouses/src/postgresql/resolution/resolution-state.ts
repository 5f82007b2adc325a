import { z } from 'zod';
import type { OperationId, ResolutionRequest } from '../../warehouse-platform.js';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';

/** What is known of the last resolution. */
export interface ResolutionState {
  /** 0 before the first. */
  readonly number: number;
  /** How many profiles there are. */
  readonly profiles: number;
  /** Whether it resolved by the same identifiers, primary sources and columns. */
  readonly isSameRequest: boolean;
}

const NAME = 'resolution';
const stateSchema = z.object({ number: z.int(), profiles: z.int(), isSameRequest: z.boolean() });
const NEVER: ResolutionState = { number: 0, profiles: 0, isSameRequest: false };

export async function readState(
  session: Session,
  tables: WarehouseTables,
  request: ResolutionRequest,
): Promise<ResolutionState> {
  const [row] = await session.query(
    `SELECT value->'number' AS number, value->'profiles' AS profiles, coalesce(value->'request' = $2, false) AS "isSameRequest"
     FROM ${tables.state.sql} WHERE name = $1`,
    [NAME, describe(request)],
  );
  return row === undefined ? NEVER : stateSchema.parse(row);
}

export async function writeState(
  session: Session,
  tables: WarehouseTables,
  { request, ...state }: { readonly number: number; readonly profiles: number; readonly request: ResolutionRequest },
): Promise<void> {
  await session.query(
    `INSERT INTO ${tables.state.sql} (name, value) VALUES ($1, $2::jsonb || jsonb_build_object('request', $3::jsonb))
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [NAME, JSON.stringify(state), describe(request)],
  );
}

/**
 * Lets the next resolution resolve everybody, in the transaction of an alteration of the schema: columns of the same names may hold
 * other values. Where the values of profiles move, their revisions do as well, so that exports read them again; the number of
 * resolutions stays above all revisions.
 */
export async function forgetResolved(
  session: Session,
  { state, profiles }: WarehouseTables,
  { valuesMove }: { readonly valuesMove: boolean },
): Promise<void> {
  await session.query(
    `UPDATE ${state.sql} SET value = value - 'request' || jsonb_build_object('number', (value->>'number')::bigint + 1) WHERE name = $1`,
    [NAME],
  );
  if (valuesMove) await session.query(`UPDATE ${profiles.sql} SET _revision = _revision + 1`);
}

/**
 * Takes the warehouse for an operation of the control database. Returns false when a later one, or a later attempt at it, has been there:
 * what this one knows of the workspace's settings may be outdated.
 */
export async function takeOperation(
  session: Session,
  { state }: WarehouseTables,
  { id, epoch }: OperationId,
): Promise<boolean> {
  const taken = await session.query(
    `INSERT INTO ${state.sql} AS s (name, value) VALUES ('operation', jsonb_build_object('id', $1::bigint, 'epoch', $2::bigint))
     ON CONFLICT (name) DO UPDATE SET value = excluded.value
     WHERE ((s.value->>'id')::bigint, (s.value->>'epoch')::bigint) <= ($1, $2) RETURNING 1`,
    [id, epoch],
  );
  return taken.length > 0;
}

/** All that decides what identities resolve to; jsonb knows no order of members. */
function describe({ columns, identifiers, primarySources }: ResolutionRequest): string {
  const described = columns.map(({ path, column, type }) => [path, { column, type }]);
  return JSON.stringify({ columns: Object.fromEntries(described), identifiers, primarySources });
}
