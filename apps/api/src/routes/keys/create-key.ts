import { createdKey, createKeyBody } from '@penstock/shared/contracts';
import { createKey as createKeyOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { encodeKey } from './encode-key.js';

export const createKey = defineRoute({
  method: 'post',
  path: '/v1/keys',
  scope: 'admin',
  tag: 'Keys',
  summary: 'Create an API key',
  description: 'The answer is the only place where the key is shown.',
  body: createKeyBody,
  idempotent: true,
  response: createdKey,
  errors: ['NotFound'],
  handler: async ({ deps, body, idempotency }) => {
    const created = await createKeyOf(deps, { ...body, idempotency });
    return { ...encodeKey(created), key: created.key };
  },
});
