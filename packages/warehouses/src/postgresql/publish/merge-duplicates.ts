import type { Session } from '../session.js';
import type { TableName } from '../warehouse-tables.js';

/**
 * Deletes all but one of the staged rows with the same id: the greatest update time wins, then the row that was read last.
 * Only the few ids that occur more than once are sorted. Returns how many rows lost.
 */
export function mergeDuplicates(session: Session, stage: TableName): Promise<number> {
  return session.execute(`
    DELETE FROM ${stage.sql} AS loser USING (
      SELECT ctid AS address, row_number() OVER (PARTITION BY _user_id ORDER BY _updated_at DESC, _seq DESC) AS place
      FROM ${stage.sql} WHERE _user_id IN (SELECT _user_id FROM ${stage.sql} GROUP BY _user_id HAVING count(*) > 1)
    ) AS placed
    WHERE loser.ctid = placed.address AND placed.place > 1`);
}
