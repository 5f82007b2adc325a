import { findConnector, findFormat, openFileDestination, openFileSource } from '@penstock/connectors';
import {
  AppError,
  DEFAULT_MAX_REMOVED_SHARE,
  type ExportDefinition,
  type ImportDefinition,
  isImport,
  pipelineDefinitionSchema,
} from '@penstock/domain';
import type { Destination, ExportAssignment, ImportAssignment, Source, Warehouse } from '@penstock/engine';
import { parseSchema } from '@penstock/language';
import type { ClaimedRun, Dependencies } from '@penstock/shared/use-cases';

/** Everything is allowed to be removed. */
const NO_BRAKE = 1;

/** What an attempt works with. */
export type OpenRun =
  | {
      readonly way: 'import';
      readonly assignment: ImportAssignment;
      readonly source: Source;
      readonly warehouse: Warehouse;
    }
  | {
      readonly way: 'export';
      readonly assignment: ExportAssignment;
      readonly destination: Destination;
      readonly warehouse: Warehouse;
    };

/** What is known of a run, or of a dry run, when it is to be executed. */
export type RunFacts = Pick<
  ClaimedRun,
  | 'workspace'
  | 'connection'
  | 'connector'
  | 'connectionSettings'
  | 'warehousePlatform'
  | 'warehouseSettings'
  | 'profileSchema'
  | 'pipeline'
  | 'version'
  | 'definition'
  | 'full'
  | 'cursor'
  | 'cursorOverlapMs'
  | 'maxRemovedShare'
  | 'allowRemoval'
  | 'startTime'
  | 'run'
  | 'epoch'
>;

type OpenDependencies = Pick<
  Dependencies,
  'secrets' | 'connectionPools' | 'fileAccess' | 'applicationAccess' | 'warehouses'
>;

/**
 * Builds what an attempt works with from what is known of its run; settings are decrypted here and kept in memory only.
 * @throws AppError when the settings cannot be read any more.
 */
export function openRun(deps: OpenDependencies, facts: RunFacts): OpenRun {
  const definition = pipelineDefinitionSchema.parse(facts.definition);
  const warehouse = openWarehouse(deps, facts);
  const common = {
    ...facts,
    profileSchema: parseSchema(facts.profileSchema),
    maxRemovedShare: facts.allowRemoval ? NO_BRAKE : (facts.maxRemovedShare ?? DEFAULT_MAX_REMOVED_SHARE),
  };
  if (isImport(definition)) {
    const source = openSource(deps, facts, definition);
    return { way: 'import', assignment: { ...common, definition }, source, warehouse };
  }
  const destination = openDestination(deps, facts, definition);
  return { way: 'export', assignment: { ...common, definition }, destination, warehouse };
}

type ConnectionFacts = Pick<RunFacts, 'connector' | 'connectionSettings'>;

function openSource(
  { secrets, connectionPools, fileAccess, applicationAccess }: OpenDependencies,
  { connector: code, connectionSettings }: ConnectionFacts,
  definition: ImportDefinition,
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
  if (connector.type === 'Application' && definition.kind === 'import-from-application') {
    return connector.openSource(settings, parseSchema(definition.inSchema), applicationAccess);
  }
  throw otherKind();
}

function openDestination(
  { secrets, fileAccess, applicationAccess }: OpenDependencies,
  { connector: code, connectionSettings }: ConnectionFacts,
  definition: ExportDefinition,
): Destination {
  const connector = findConnector(code);
  const settings: unknown = JSON.parse(secrets.decrypt(connectionSettings));
  if (connector.type === 'Database' && definition.kind === 'export-to-database') {
    const { tableName: table, tableKey: key } = definition;
    return { to: 'table', table: connector.openDestination(settings, { table, key }) };
  }
  if (connector.type === 'FileStorage' && definition.kind === 'export-to-file') {
    const { path, sheet, compression } = definition;
    const { extension, openForWriting } = findFormat(definition.format);
    const format = openForWriting(definition.formatSettings);
    const file = openFileDestination(connector, settings, fileAccess, { path, format, extension, sheet, compression });
    return { to: 'file', file };
  }
  if (connector.type === 'Application' && definition.kind === 'export-to-application') {
    return { to: 'application', application: connector.openDestination(settings, applicationAccess) };
  }
  throw otherKind();
}

function otherKind(): AppError {
  return new AppError('InvalidDefinition', { message: 'the pipeline is of another kind than its connection' });
}

/** The warehouse of a run. @throws AppError when its settings cannot be read any more. */
export function openWarehouse(
  { secrets, warehouses }: Pick<Dependencies, 'secrets' | 'warehouses'>,
  { warehousePlatform, warehouseSettings }: Pick<RunFacts, 'warehousePlatform' | 'warehouseSettings'>,
): Warehouse {
  return warehouses.get(warehousePlatform).open(JSON.parse(secrets.decrypt(warehouseSettings)));
}
