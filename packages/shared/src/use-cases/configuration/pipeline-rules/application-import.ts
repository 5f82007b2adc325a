import type { ErrorDetail } from '@penstock/domain';
import { parseSchema } from '@penstock/language';
import { applicationImportMembers } from '../../../contracts/pipeline-members.js';
import { filterRules, storedFilter } from './filter-rules.js';
import { SOURCES, sourceSideRules } from './import-side.js';
import { pipelineKind } from './pipeline-kind.js';
import { profileSideRules, type SchemaRules } from './schema-member.js';
import { storedSchemas, transformedRules } from './transformed-rules.js';

const rulesOfSource = sourceSideRules(SOURCES['import-from-application']);

/** Imports users from an application, which says itself who they are and when they changed. */
export const applicationImport = pipelineKind({
  what: 'a pipeline that imports users from an application',
  members: applicationImportMembers,
  hasTransformation: true,
  violations: (draft) =>
    transformedRules(draft, {
      input: (name, schema) => [...rulesOfSource(name, schema), ...reservedNames(name, schema)],
      output: profileSideRules(draft.profileSchema),
      purpose: 'Import',
      own: ({ inSchema }) => filterRules(draft.members.filter, inSchema, 'import'),
    }),
  define: (members, transformation) => ({
    kind: 'import-from-application',
    filter: storedFilter(members.filter, parseSchema(members.inSchema), 'import'),
    ...storedSchemas(members),
    transformation,
  }),
});

/** What connectors of applications call the identifier and the update time. */
const RESERVED: ReadonlySet<string> = new Set(['_id', '_updated_at']);

const reservedNames: SchemaRules = (name, { properties }): ErrorDetail[] =>
  properties.flatMap((property, index) =>
    RESERVED.has(property.name)
      ? [
          {
            path: `${name}.properties[${index}].name`,
            message: `is reserved: the application's identifier and update time are taken without being asked for`,
          },
        ]
      : [],
  );
