import { deleteKey as deleteKeyOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { keyParams } from '../parameters.js';

export const deleteKey = defineRoute({
  method: 'delete',
  path: '/v1/keys/:id',
  scope: 'admin',
  tag: 'Keys',
  summary: 'Delete an API key',
  description: 'Requests with it are refused from then on.',
  params: keyParams,
  response: null,
  handler: async ({ deps, params }) => {
    await deleteKeyOf(deps, { key: params.id });
    return undefined;
  },
});
