import { z } from 'zod';
import type { ResolutionRequest } from '../../warehouse-platform.js';
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
    `SELECT value->'number' AS number, value->'profiles' AS profiles, value->'request' = $2 AS "isSameRequest"
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

/** All that decides what identities resolve to; jsonb knows no order of members. */
function describe({ columns, identifiers, primarySources }: ResolutionRequest): string {
  const described = columns.map(({ path, column, type }) => [path, { column, type }]);
  return JSON.stringify({ columns: Object.fromEntries(described), identifiers, primarySources });
}
