import { userSchemasAnswer } from '@penstock/shared/contracts';
import { getUserSchemas as getUserSchemasOf } from '@penstock/shared/use-cases';
import type { z } from 'zod';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const getUserSchemas = defineRoute({
  method: 'get',
  path: '/v1/connections/:id/schemas/user',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'Show the properties of the users of an application',
  description: 'The schema of a source is what can be imported, that of a destination what can be written.',
  params: entityParams,
  response: userSchemasAnswer,
  errors: ['SettingsUnreadable', 'SourceRefused', 'SourceUnavailable', 'DestinationRefused', 'DestinationUnavailable'],
  handler: async ({ deps, workspace, params, signal }) => ({
    schemas: (await getUserSchemasOf(deps, { workspace, connection: params.id }, signal())) as z.infer<
      typeof userSchemasAnswer
    >['schemas'],
  }),
});
