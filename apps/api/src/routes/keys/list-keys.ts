import { keyList } from '@penstock/shared/contracts';
import { listKeys as listKeysOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { encodeKey } from './encode-key.js';

export const listKeys = defineRoute({
  method: 'get',
  path: '/v1/keys',
  scope: 'admin',
  tag: 'Keys',
  summary: 'List API keys, without the keys themselves',
  response: keyList,
  handler: async ({ deps }) => ({ keys: (await listKeysOf(deps)).map(encodeKey) }),
});
