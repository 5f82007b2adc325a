import type { LeftRecord, RawRow } from '@penstock/engine';
import type { Session } from '../session.js';
import { copyBatches } from './copy-batches.js';
import { matchedUsersQuery, type ProfileScope } from './profile-query.js';
import { restoredText } from './stored-text.js';

/** So many are asked about at a time. */
const BATCH = 10_000;
const COLUMNS = 3;

/** Keys and identifiers, as they are stored, that a record is about to have, or has got. */
export type FindTaken = (names: {
  readonly keys: readonly string[];
  readonly externalIds: readonly string[];
}) => Promise<{
  readonly keys: ReadonlySet<string>;
  readonly externalIds: ReadonlySet<string>;
}>;

/** How many records have left, and how many were accepted in all. */
export async function countLeft(
  session: Session,
  scope: ProfileScope,
): Promise<{ readonly left: number; readonly accepted: number }> {
  if (!scope.accepted.exists) return { left: 0, accepted: 0 };
  const [counted] = await session.query<{ left: string; accepted: string }>(
    `SELECT (SELECT count(*) FROM (${leftQuery(scope)}) AS l) AS left,
            (SELECT count(*) FROM ${scope.accepted.sql} AS f) AS accepted`,
  );
  return { left: Number(counted?.left), accepted: Number(counted?.accepted) };
}

/**
 * The records of profiles that do not take part any more. When profiles become one, the key of the one that is gone is often that of
 * the one that remains: such a record must not be removed, and comes without the key or the identifier that is somebody's now. Whether
 * that profile itself has failed is of no account.
 */
export async function* leftRecords(
  session: Session,
  scope: ProfileScope,
  findTaken: FindTaken,
): AsyncGenerator<readonly LeftRecord[], void, undefined> {
  if (!scope.accepted.exists) return;
  let waiting: RawRow[] = [];
  for await (const rows of copyBatches(session, orphansQuery(scope), COLUMNS)) {
    for (const row of rows) waiting.push(row);
    if (waiting.length < BATCH) continue;
    yield await toRecords(waiting, findTaken);
    waiting = [];
  }
  if (waiting.length > 0) yield await toRecords(waiting, findTaken);
}

function leftQuery({ accepted, audience }: ProfileScope): string {
  return `SELECT f.profile, f.key, f.external_id FROM ${accepted.sql} AS f
    WHERE NOT EXISTS (SELECT 1 FROM ${audience.sql} AS p WHERE p._id = f.profile)`;
}

/** A profile that was accepted takes part exactly if it has not left. */
function orphansQuery(scope: ProfileScope): string {
  const matched = matchedUsersQuery(scope);
  const takenNames = (name: string): string => `
    SELECT DISTINCT o.${name} FROM ${scope.accepted.sql} AS o JOIN l ON l.${name} = o.${name}
    WHERE NOT EXISTS (SELECT 1 FROM l AS x WHERE x.profile = o.profile)`;
  const takenUsers = [takenNames('external_id'), ...(matched === null ? [] : [matched])].join(' UNION ');
  return `WITH l AS MATERIALIZED (${leftQuery(scope)})
    SELECT l.profile, CASE WHEN k.key IS NULL THEN l.key END, CASE WHEN e.external_id IS NULL THEN l.external_id END
    FROM l LEFT JOIN (${takenNames('key')}) AS k ON k.key = l.key
    LEFT JOIN (${takenUsers}) AS e ON e.external_id = l.external_id`;
}

async function toRecords(rows: readonly RawRow[], findTaken: FindTaken): Promise<LeftRecord[]> {
  const texts = (column: number): string[] =>
    rows.flatMap((row) => (typeof row[column] === 'string' ? [row[column]] : []));
  const taken = await findTaken({ keys: texts(1), externalIds: texts(2) });
  return rows.map((row) => ({
    profile: String(row[0]),
    key: unlessTaken(row[1], taken.keys),
    externalId: unlessTaken(row[2], taken.externalIds),
  }));
}

function unlessTaken(name: RawRow[number], taken: ReadonlySet<string>): string | null {
  return typeof name !== 'string' || taken.has(name) ? null : restoredText(name);
}
