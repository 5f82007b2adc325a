import { httpApplication } from '../src/applications/http/http-application.js';
import { startApplicationServer } from './application-server.js';
import { applicationWriterConformance, COLUMNS } from './application-writer-conformance.js';
import type { JsonRequest } from './json-server.js';
import { testAccess } from './test-access.js';

const OWNER = { pipeline: 1, run: 1, epoch: 1 };
const isList = ({ method }: JsonRequest): boolean => method === 'GET';

applicationWriterConformance('http-application', async () => {
  const server = await startApplicationServer({ pageSize: 50, authorization: 'Bearer s3cret' });
  const access = testAccess();
  const settings = {
    baseUrl: server.origin,
    auth: 'bearer',
    token: 's3cret',
    schema: {
      kind: 'object',
      properties: COLUMNS.map(({ name, type }) => ({
        name,
        type,
        nullable: true,
        readOptional: true,
        description: '',
      })),
    },
    list: { path: '/users', usersPointer: '/users', paging: 'cursor', cursorPointer: '/next', parameter: 'cursor' },
    create: { path: '/users' },
    update: { path: '/users/{id}' },
    delete: { path: '/users/{id}' },
    createdIdPointer: '/data/id',
    idempotencyHeader: 'Idempotency-Key',
  };
  return {
    access,
    open: async (signal) => {
      return await httpApplication.openDestination(settings, access).open({ owner: OWNER, columns: COLUMNS }, signal);
    },
    emails: () => new Map([...server.users].map(([id, { email }]) => [id, email])),
    failWrites: (fault, times) => server.fail(fault, times, (request) => !isList(request)),
    failLists: (fault, times) => server.fail(fault, times, isList),
    requests: () => server.requests.length,
    stop: async () => await server.stop(),
  };
});
