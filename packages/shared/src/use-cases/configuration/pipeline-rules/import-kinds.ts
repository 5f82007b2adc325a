import type { PipelineKind } from '@penstock/domain';
import { databaseImport } from './database-import.js';
import { fileImport } from './file-import.js';
import type { CommonMembers, ImportKind } from './import-kind.js';

/** The kind with a name. Whoever has read members by its schema may hand them to its rules. */
export function importKind(kind: PipelineKind): ImportKind {
  const kinds = { 'import-from-database': databaseImport, 'import-from-file': fileImport } as const;
  return kinds[kind] as unknown as ImportKind<CommonMembers>;
}
