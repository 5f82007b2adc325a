import { findConnector, findFormat, openFileSource } from '@penstock/connectors';
import {
  AppError,
  DEFAULT_MAX_REMOVED_SHARE,
  type PipelineDefinition,
  pipelineDefinitionSchema,
} from '@penstock/domain';
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
  deps: Pick<Dependencies, 'secrets' | 'connectionPools' | 'fileAccess' | 'warehouses'>,
  claimed: ClaimedRun,
): OpenImport {
  const definition = pipelineDefinitionSchema.parse(claimed.definition);
  return {
    source: openSource(deps, claimed, definition),
    warehouse: openWarehouse(deps, claimed),
    assignment: {
      ...claimed,
      definition,
      profileSchema: parseSchema(claimed.profileSchema),
      maxRemovedShare: claimed.allowRemoval ? NO_BRAKE : (claimed.maxRemovedShare ?? DEFAULT_MAX_REMOVED_SHARE),
    },
  };
}

function openSource(
  { secrets, connectionPools, fileAccess }: Pick<Dependencies, 'secrets' | 'connectionPools' | 'fileAccess'>,
  { connector: code, connectionSettings }: ClaimedRun,
  definition: PipelineDefinition,
): Source {
  const connector = findConnector(code);
  const settings: unknown = JSON.parse(secrets.decrypt(connectionSettings));
  if (connector.type === 'Database' && definition.kind === 'import-from-database') {
    return connector.openSource(settings, definition.query, connectionPools);
  }
  if (connector.type === 'FileStorage' && definition.kind === 'import-from-file') {
    return openFileSource(connector, settings, fileAccess, {
      ...definition,
      format: findFormat(definition.format).open(definition.formatSettings),
      expected: parseSchema(definition.inSchema),
    });
  }
  throw new AppError('InvalidDefinition', { message: 'the pipeline is of another kind than its connection' });
}

/** The warehouse of a claimed run. @throws AppError when its settings cannot be read any more. */
export function openWarehouse(
  { secrets, warehouses }: Pick<Dependencies, 'secrets' | 'warehouses'>,
  { warehousePlatform, warehouseSettings }: ClaimedRun,
): Warehouse {
  return warehouses.get(warehousePlatform).open(JSON.parse(secrets.decrypt(warehouseSettings)));
}
