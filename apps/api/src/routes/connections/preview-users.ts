import { usersAnswer, usersQuery } from '@penstock/shared/contracts';
import { previewUsers as previewUsersOf } from '@penstock/shared/use-cases';
import type { z } from 'zod';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const previewUsers = defineRoute({
  method: 'get',
  path: '/v1/connections/:id/users',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'Preview the users of an application',
  description: 'Of a source. Its schema can be used as the inSchema of a pipeline.',
  params: entityParams,
  query: usersQuery,
  response: usersAnswer,
  errors: ['SettingsUnreadable', 'SourceRefused', 'SourceUnavailable'],
  handler: async ({ deps, workspace, params, query, signal }) => {
    const preview = await previewUsersOf(deps, { workspace, connection: params.id, ...query }, signal());
    return {
      users: preview.users,
      schema: preview.schema as z.infer<typeof usersAnswer>['schema'],
      issues: [...preview.issues],
    };
  },
});
