import { alterProfileSchemaBody } from '@penstock/shared/contracts';
import { alterProfileSchema as alterProfileSchemaOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const alterProfileSchema = defineRoute({
  method: 'put',
  path: '/v1/profiles/schema',
  scope: 'workspace',
  tag: 'Profiles',
  summary: 'Alter the profile schema',
  description:
    'Properties can be added, renamed within their parent, and dropped with their values; a type never changes. A worker carries it out: GET /v1/profiles/schema/latest-alter tells how it went.',
  body: alterProfileSchemaBody,
  response: null,
  errors: ['InspectionMode', 'InvalidAlterSchema', 'ConnectionNotExist', 'OperationAlreadyExecuting'],
  handler: async ({ deps, workspace, body }) => {
    await alterProfileSchemaOf(deps, { workspace, ...body });
    return undefined;
  },
});
