import { createConnectionBody, createdId } from '@penstock/shared/contracts';
import { createConnection as createConnectionOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const createConnection = defineRoute({
  method: 'post',
  path: '/v1/connections',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'Create a connection',
  description: 'Settings are checked and stored encrypted; whether the system can be reached is not looked at.',
  body: createConnectionBody,
  idempotent: true,
  response: createdId,
  errors: ['ConnectorNotExist', 'InvalidSettings'],
  handler: ({ deps, workspace, body, idempotency }) => createConnectionOf(deps, { workspace, ...body, idempotency }),
});
