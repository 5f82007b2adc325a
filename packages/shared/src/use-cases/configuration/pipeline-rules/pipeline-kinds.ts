import type { ConnectionConnector } from '@penstock/connectors';
import type { ConnectionRole, PipelineKind } from '@penstock/domain';
import { applicationExport } from './application-export.js';
import { applicationImport } from './application-import.js';
import { databaseExport } from './database-export.js';
import { databaseImport } from './database-import.js';
import { fileExport } from './file-export.js';
import { fileImport } from './file-import.js';
import type { PipelineRules } from './pipeline-kind.js';

export const PIPELINE_RULES: Readonly<Record<PipelineKind, PipelineRules>> = {
  'import-from-database': databaseImport,
  'import-from-file': fileImport,
  'import-from-application': applicationImport,
  'export-to-database': databaseExport,
  'export-to-file': fileExport,
  'export-to-application': applicationExport,
};

/** The kind of the pipelines of users that a connection has, by the type of its connector and its role. */
export const KIND_OF_CONNECTION: Readonly<
  Record<ConnectionConnector['type'], Readonly<Record<ConnectionRole, PipelineKind>>>
> = {
  Database: { Source: 'import-from-database', Destination: 'export-to-database' },
  FileStorage: { Source: 'import-from-file', Destination: 'export-to-file' },
  Application: { Source: 'import-from-application', Destination: 'export-to-application' },
};

/** Members that only the pipelines of one kind have; the first that is there tells the kind. */
const TELLING: readonly (readonly [member: string, kind: PipelineKind])[] = [
  ['tableName', 'export-to-database'],
  ['orderBy', 'export-to-file'],
  ['exportMode', 'export-to-application'],
  ['format', 'import-from-file'],
];

/** Without its connection the members of a pipeline tell of which kind its sender thinks that it is. */
export function likelyKind(body: unknown): PipelineKind {
  const members = typeof body === 'object' && body !== null ? body : {};
  return TELLING.find(([member]) => member in members)?.[1] ?? 'import-from-database';
}
