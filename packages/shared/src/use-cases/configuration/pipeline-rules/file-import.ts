import { parseSchema } from '@penstock/language';
import { fileImportMembers } from '../../../contracts/pipeline-members.js';
import { columnRules, storedColumns } from './column-rules.js';
import { columnTypeRules, formatRules, storedFormat } from './file-format-rules.js';
import { filterRules, storedFilter } from './filter-rules.js';
import { joinFindings, NO_FINDINGS } from './findings.js';
import { SOURCES, sourceSideRules } from './import-side.js';
import { pipelineKind } from './pipeline-kind.js';
import { profileSideRules } from './schema-member.js';
import { storedSchemas, transformedRules } from './transformed-rules.js';

const source = SOURCES['import-from-file'];

/** Imports users from files of a storage, in a format that the pipeline names. */
export const fileImport = pipelineKind({
  what: 'a pipeline that imports users from a file',
  members: fileImportMembers,
  hasTransformation: true,
  violations: (draft) =>
    transformedRules(draft, {
      input: sourceSideRules(source),
      output: profileSideRules(draft.profileSchema),
      purpose: 'Import',
      own: ({ inSchema }) =>
        joinFindings(
          {
            ...NO_FINDINGS,
            violations: [
              ...pathRules(draft.members.path),
              ...formatRules(draft.members, 'settingsSchema'),
              ...columnTypeRules(draft.members.format, inSchema),
            ],
          },
          filterRules(draft.members.filter, inSchema, 'import'),
          columnRules(draft.members, inSchema, source),
        ),
    }),
  define: (members, transformation) => ({
    kind: 'import-from-file',
    path: members.path,
    ...storedFormat(members, 'settingsSchema'),
    filter: storedFilter(members.filter, parseSchema(members.inSchema), 'import'),
    ...storedColumns(members),
    ...storedSchemas(members),
    transformation,
  }),
});

function pathRules(path: string | undefined) {
  if (path === undefined || !path.includes('${')) return [];
  return [{ path: 'path', message: 'must not have a placeholder: they are for the paths of files that are written' }];
}
