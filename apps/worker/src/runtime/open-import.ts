import { findConnector } from '@penstock/connectors';
import { DEFAULT_MAX_REMOVED_SHARE, pipelineDefinitionSchema } from '@penstock/domain';
import type { ImportAssignment, Source, Warehouse } from '@penstock/engine';
import { parseSchema } from '@penstock/language';
import type { ClaimedRun, Dependencies } from '@penstock/shared/use-cases';

/** Everything is allowed to be removed. */
const NO_BRAKE = 1;

export interface OpenImport {
  readonly assignment: ImportAssignment;
  readonly source: Source;
  readonly warehouse: Warehouse;
}

/**
 * Builds what an attempt works with from the claimed run; settings are decrypted here and kept in memory only.
 * @throws AppError when the settings cannot be read any more.
 */
export function openImport(
  { secrets, connectionPools, warehouses }: Pick<Dependencies, 'secrets' | 'connectionPools' | 'warehouses'>,
  claimed: ClaimedRun,
): OpenImport {
  const connectionSettings: unknown = JSON.parse(secrets.decrypt(claimed.connectionSettings));
  return {
    source: findConnector(claimed.connector).openSource(connectionSettings, connectionPools),
    warehouse: openWarehouse({ secrets, warehouses }, claimed),
    assignment: {
      ...claimed,
      definition: pipelineDefinitionSchema.parse(claimed.definition),
      profileSchema: parseSchema(claimed.profileSchema),
      maxRemovedShare: claimed.allowRemoval ? NO_BRAKE : (claimed.maxRemovedShare ?? DEFAULT_MAX_REMOVED_SHARE),
    },
  };
}

/** The warehouse of a claimed run. @throws AppError when its settings cannot be read any more. */
export function openWarehouse(
  { secrets, warehouses }: Pick<Dependencies, 'secrets' | 'warehouses'>,
  { warehousePlatform, warehouseSettings }: ClaimedRun,
): Warehouse {
  return warehouses.get(warehousePlatform).open(JSON.parse(secrets.decrypt(warehouseSettings)));
}
