import { findConnector } from '@penstock/connectors';
import { DEFAULT_MAX_REMOVED_SHARE, StepError } from '@penstock/domain';
import type { ImportAssignment, Source, Warehouse } from '@penstock/engine';
import { parseSchema } from '@penstock/language';
import type { ClaimedRun, Dependencies } from '@penstock/shared/use-cases';
import { findWarehousePlatform } from '@penstock/warehouses';

/** Everything is allowed to be removed. */
const NO_BRAKE = 1;

export interface OpenImport {
  readonly assignment: ImportAssignment;
  readonly source: Source;
  readonly warehouse: Warehouse;
}

/**
 * Builds what an attempt works with from the claimed run; settings are decrypted here and kept in memory only.
 * @throws StepError when the settings cannot be read any more.
 */
export function openImport(
  { secrets, connectionPools, warehousePools }: Pick<Dependencies, 'secrets' | 'connectionPools' | 'warehousePools'>,
  claimed: ClaimedRun,
  settleOnly: boolean,
): OpenImport {
  const connector = findConnector(claimed.connector);
  if (connector === undefined) throw new StepError('Receive', 'ConnectorNotExist');
  const connectionSettings = connector.settingsSchema.parse(JSON.parse(secrets.decrypt(claimed.connectionSettings)));
  const platform = findWarehousePlatform(claimed.warehousePlatform);
  if (platform === undefined) throw new StepError('Finalize', 'WarehousePlatformNotExist');
  const warehouseSettings = platform.settingsSchema.parse(JSON.parse(secrets.decrypt(claimed.warehouseSettings)));
  return {
    source: connector.openSource(connectionPools, connectionSettings),
    warehouse: platform.open(warehousePools, warehouseSettings),
    assignment: {
      ...claimed,
      profileSchema: parseSchema(claimed.profileSchema),
      maxRemovedShare: claimed.allowRemoval ? NO_BRAKE : (claimed.maxRemovedShare ?? DEFAULT_MAX_REMOVED_SHARE),
      settleOnly,
    },
  };
}
