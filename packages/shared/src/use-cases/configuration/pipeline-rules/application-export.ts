import { parseSchema } from '@penstock/language';
import { applicationExportMembers } from '../../../contracts/pipeline-members.js';
import { applicationSideRules, PURPOSE_OF_MODE } from './export-side.js';
import { filterRules, storedFilter } from './filter-rules.js';
import { joinFindings } from './findings.js';
import { matchingRules } from './matching-rules.js';
import { pipelineKind } from './pipeline-kind.js';
import { profileSideRules } from './schema-member.js';
import { storedSchemas, transformedRules } from './transformed-rules.js';

/** Exports profiles to the users of an application that they match. */
export const applicationExport = pipelineKind({
  what: 'a pipeline that exports profiles to an application',
  members: applicationExportMembers,
  hasTransformation: true,
  violations: (draft) =>
    transformedRules(draft, {
      input: profileSideRules(draft.profileSchema),
      output: applicationSideRules(draft.members.matching?.out),
      purpose: PURPOSE_OF_MODE[draft.members.exportMode ?? 'CreateOrUpdate'],
      own: (schemas) =>
        joinFindings(
          filterRules(draft.members.filter, schemas.inSchema, 'export'),
          matchingRules(draft.members.matching, schemas, draft.transformation),
        ),
    }),
  define: (members, transformation) => ({
    kind: 'export-to-application',
    exportMode: members.exportMode,
    matching: { in: members.matching.in, out: members.matching.out },
    updateOnDuplicates: members.updateOnDuplicates,
    onLeave: members.onLeave,
    filter: storedFilter(members.filter, parseSchema(members.inSchema), 'export'),
    ...storedSchemas(members),
    transformation,
  }),
});
