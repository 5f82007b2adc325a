import { destinationPathProblem } from '@penstock/connectors';
import type { ErrorDetail } from '@penstock/domain';
import { type ObjectType, parseSchema, type Type, typeToJson } from '@penstock/language';
import { fileExportMembers } from '../../../contracts/pipeline-members.js';
import { namedProperty } from './export-side.js';
import { formatRules, storedFormat } from './file-format-rules.js';
import { filterRules, storedFilter } from './filter-rules.js';
import { pipelineKind } from './pipeline-kind.js';
import { profileSideRules, schemaMember } from './schema-member.js';

/** Exports profiles to a file, whose columns are the properties of the in schema. */
export const fileExport = pipelineKind({
  what: 'a pipeline that exports profiles to a file',
  members: fileExportMembers,
  hasTransformation: false,
  violations: (draft) => {
    const { members, profileSchema } = draft;
    const input = schemaMember('inSchema', draft, profileSideRules(profileSchema));
    return [
      ...input.violations,
      ...pathRules(members.path),
      ...formatRules(members, 'writeSettingsSchema'),
      ...orderRules(members.orderBy, input.schema),
      ...filterRules(members.filter, input.schema, 'export').violations,
    ];
  },
  define: (members) => {
    const inSchema = parseSchema(members.inSchema);
    return {
      kind: 'export-to-file',
      path: members.path,
      orderBy: members.orderBy,
      filter: storedFilter(members.filter, inSchema, 'export'),
      inSchema: typeToJson(inSchema),
      ...storedFormat(members, 'writeSettingsSchema'),
    };
  },
});

function pathRules(path: string | undefined): ErrorDetail[] {
  const message = path === undefined ? null : destinationPathProblem(path);
  return message === null ? [] : [{ path: 'path', message }];
}

function orderRules(orderBy: string | undefined, schema: ObjectType | undefined): ErrorDetail[] {
  if (orderBy === undefined) return [];
  const { property, message } = namedProperty({ path: orderBy, schema, of: 'inSchema' });
  const problem = message ?? (property && orderProblem(property.type));
  return problem === undefined ? [] : [{ path: 'orderBy', message: problem }];
}

const ORDERED = ['string', 'int', 'uuid', 'ip', 'decimal'] as const satisfies readonly Type['kind'][];

function orderProblem(type: Type): string | undefined {
  if (!ORDERED.some((kind) => kind === type.kind)) return `must have kind ${ORDERED.join(', ')}; it has ${type.kind}`;
  if (type.kind !== 'decimal' || (type.scale ?? 0) === 0) return undefined;
  return `must have no digits after the point to be ordered by; it has scale ${type.scale}`;
}
