import type { Dependencies } from './dependencies.js';

/** Drops what attempts that are over left in a workspace's warehouse: a killed worker cannot do it itself. */
export async function sweepWarehouse(
  { database, secrets, warehouses, logger }: Pick<Dependencies, 'database' | 'secrets' | 'warehouses' | 'logger'>,
  workspace: number,
): Promise<void> {
  const { rows } = await database.pool.query<{ platform: string; settings: string }>(
    `SELECT warehouse_platform AS platform, warehouse_settings AS settings FROM workspaces
     WHERE id = $1 AND deleted_at IS NULL AND coalesce(pending_mode, warehouse_mode) = 'Normal'`,
    [workspace],
  );
  const [row] = rows;
  if (row === undefined) return;
  const isLive = async (run: number, epoch: number): Promise<boolean> => {
    const live = await database.pool.query(`SELECT FROM runs WHERE id = $1 AND epoch = $2 AND status = 'running'`, [
      run,
      epoch,
    ]);
    return live.rowCount === 1;
  };
  const dropped = await warehouses.get(row.platform).dropLeftovers(JSON.parse(secrets.decrypt(row.settings)), isLive);
  if (dropped > 0) logger.info('leftovers of attempts were dropped', { workspace, dropped });
}

/** Queues a sweep of every workspace's warehouse. */
export async function queueSweeps({ database, queues }: Pick<Dependencies, 'database' | 'queues'>): Promise<void> {
  const { rows } = await database.pool.query<{ id: number }>('SELECT id FROM workspaces WHERE deleted_at IS NULL');
  await queues.addSweeps(rows.map(({ id }) => id));
}
