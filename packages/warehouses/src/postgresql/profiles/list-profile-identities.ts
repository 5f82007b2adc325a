import type { IdentityPage, ProfileIdentitiesRequest } from '../../warehouse-platform.js';
import { type IdentityRow, identityFields, identityOf } from '../list-identities.js';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { attributesSelection } from './attributes.js';
import { isUuid } from './is-uuid.js';
import { prepareReading } from './prepare-reading.js';

/** Lists a page of the identities of a profile, newest first, with how many there are in all, in one statement. */
export async function listProfileIdentities(
  session: Session,
  tables: WarehouseTables,
  { profile, pipelines, columns, first, limit }: ProfileIdentitiesRequest,
): Promise<IdentityPage> {
  if (!isUuid(profile) || !(await prepareReading(session, tables.identityProfiles)))
    return { identities: [], total: 0 };
  const selection = attributesSelection(columns);
  const order = '_updated_at DESC, _user_id, _pipeline';
  const rows = await session.query<(IdentityRow | { userId: null }) & { _total: string }>(
    `WITH member AS MATERIALIZED (${members(tables)})
     SELECT _total, ${identityFields(selection)} FROM (SELECT count(*) AS _total FROM member) AS counted
     LEFT JOIN (SELECT * FROM member ORDER BY ${order} OFFSET $2 LIMIT $3) AS page ON true ORDER BY ${order}`,
    [profile, first, limit, pipelines ?? null],
  );
  const identities = rows.flatMap((row) => (row.userId === null ? [] : [identityOf(row, selection)]));
  return { identities, total: Number(rows[0]?._total) };
}

/**
 * The identities as they are now. OFFSET 0 makes the server look each of them up: whatever it believes of tables that it has not
 * analysed yet, a profile has few.
 */
function members({ identities, identityProfiles }: WarehouseTables): string {
  return `
    SELECT identity.* FROM ${identityProfiles.sql} AS resolved
    CROSS JOIN LATERAL (SELECT * FROM ${identities.sql} AS found
      WHERE found._user_id = resolved._user_id AND found._pipeline = resolved._pipeline OFFSET 0) AS identity
    WHERE resolved._profile = $1::uuid AND ($4::integer[] IS NULL OR resolved._pipeline = ANY ($4))`;
}
