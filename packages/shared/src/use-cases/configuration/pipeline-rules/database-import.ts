import { databaseImportMembers } from '../../../contracts/pipeline-members.js';
import { columnRules, storedColumns } from './column-rules.js';
import { SOURCES, sourceSideRules } from './import-side.js';
import { pipelineKind } from './pipeline-kind.js';
import { profileSideRules } from './schema-member.js';
import { storedSchemas, transformedRules } from './transformed-rules.js';

const source = SOURCES['import-from-database'];

/** Imports users from a database: its query says which records, and has the form that the database wants. */
export const databaseImport = pipelineKind({
  what: 'a pipeline that imports users from a database',
  members: databaseImportMembers,
  hasTransformation: true,
  violations: (draft) =>
    transformedRules(draft, {
      input: sourceSideRules(source),
      output: profileSideRules(draft.profileSchema),
      purpose: 'Import',
      own: ({ inSchema }) => columnRules(draft.members, inSchema, source),
    }),
  define: (members, transformation) => ({
    kind: 'import-from-database',
    query: members.query,
    ...storedColumns(members),
    filter: null,
    ...storedSchemas(members),
    transformation,
  }),
});
