import { databaseImportMembers } from '../../../contracts/pipelines.js';
import type { DatabaseImportMembers, ImportKind } from './import-kind.js';

/** Imports users from a database: its query says which records, and has the form that the database wants. */
export const databaseImport: ImportKind<DatabaseImportMembers> = {
  kind: 'import-from-database',
  what: 'a pipeline that imports users from a database',
  column: 'a column of a database',
  membersSchema: databaseImportMembers,
  allowsReadOptional: false,
  allowsExcelTimes: false,
  ownRules: () => ({ violations: [], usedPaths: [] }),
  define: ({ query }) => ({ kind: 'import-from-database', query, filter: null }),
};
