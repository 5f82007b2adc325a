import type { ExportTarget } from '@penstock/engine';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { existingTables } from './fold-journal.js';
import type { FindTaken } from './left-profiles.js';
import type { StagedRecords } from './staged-records.js';

interface Noted {
  readonly session: Session;
  readonly tables: WarehouseTables;
  readonly target: ExportTarget;
  readonly staged: StagedRecords;
}

/**
 * Which of some keys and identifiers are those of records that this attempt sends, or has noted as accepted; or would have sent, had they not been
 * refused: nobody can say any more whose the record at the destination is.
 */
export async function findTaken(noted: Noted, { keys, externalIds }: Parameters<FindTaken>[0]): ReturnType<FindTaken> {
  const { session, tables, target, staged } = noted;
  const { accepted } = await existingTables(session, tables, target.pipeline);
  const sources = [
    ...(staged.isCreated ? [`SELECT key, external_id FROM ${staged.table.sql}`] : []),
    ...(accepted ? [`SELECT key, external_id FROM ${tables.accepted(target.pipeline).sql} WHERE run IS NOT NULL`] : []),
  ];
  if (sources.length === 0) return { keys: new Set(), externalIds: new Set() };
  const found = await session.query<{ key: string | null; externalId: string | null }>(
    `SELECT key, external_id AS "externalId" FROM (${sources.join(' UNION ALL ')}) AS noted
     WHERE key = ANY ($1) OR external_id = ANY ($2)`,
    [keys, externalIds],
  );
  return {
    keys: new Set(found.flatMap(({ key }) => key ?? [])),
    externalIds: new Set(found.flatMap(({ externalId }) => externalId ?? [])),
  };
}
