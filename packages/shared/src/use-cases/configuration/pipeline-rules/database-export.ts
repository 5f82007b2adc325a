import { parseSchema } from '@penstock/language';
import { databaseExportMembers } from '../../../contracts/pipeline-members.js';
import { tableSideRules } from './export-side.js';
import { filterRules, storedFilter } from './filter-rules.js';
import { joinFindings } from './findings.js';
import { pipelineKind } from './pipeline-kind.js';
import { profileSideRules } from './schema-member.js';
import { tableKeyRules } from './table-rules.js';
import { storedSchemas, transformedRules } from './transformed-rules.js';

/** Exports profiles to a table of a database, by its key. */
export const databaseExport = pipelineKind({
  what: 'a pipeline that exports profiles to a database',
  members: databaseExportMembers,
  hasTransformation: true,
  violations: (draft) =>
    transformedRules(draft, {
      input: profileSideRules(draft.profileSchema),
      output: tableSideRules(draft.members.tableKey),
      purpose: 'Create',
      own: (schemas) =>
        joinFindings(
          filterRules(draft.members.filter, schemas.inSchema, 'export'),
          tableKeyRules(draft.members.tableKey, schemas, draft.transformation),
        ),
    }),
  define: (members, transformation) => ({
    kind: 'export-to-database',
    tableName: members.tableName,
    tableKey: members.tableKey,
    onLeave: members.onLeave,
    filter: storedFilter(members.filter, parseSchema(members.inSchema), 'export'),
    ...storedSchemas(members),
    transformation,
  }),
});
