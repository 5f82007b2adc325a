import { hubspot } from '../src/applications/hubspot/hubspot.js';
import { applicationWriterConformance, COLUMNS } from './application-writer-conformance.js';
import { HUBSPOT_TOKEN, startHubSpotServer } from './hubspot-server.js';
import type { JsonRequest } from './json-server.js';
import { testAccess } from './test-access.js';

const OWNER = { pipeline: 1, run: 1, epoch: 1 };
const isList = ({ url }: JsonRequest): boolean => url.pathname.endsWith('/search');
const isWrite = ({ url }: JsonRequest): boolean => url.pathname.includes('/batch/');

async function start(refusesWholeBatches: boolean) {
  const server = await startHubSpotServer();
  server.refusesWholeBatches = refusesWholeBatches;
  const access = testAccess();
  const settings = { accessToken: HUBSPOT_TOKEN, baseUrl: server.origin };
  return {
    access,
    open: async (signal: AbortSignal) => {
      return await hubspot.openDestination(settings, access).open({ owner: OWNER, columns: COLUMNS }, signal);
    },
    emails: () => new Map([...server.contacts].map(([id, { properties }]) => [id, properties.email])),
    failWrites: (...[fault, times]: Parameters<typeof server.fail>) => server.fail(fault, times, isWrite),
    failLists: (...[fault, times]: Parameters<typeof server.fail>) => server.fail(fault, times, isList),
    requests: () => server.requests.length,
    stop: async () => await server.stop(),
  };
}

applicationWriterConformance('hubspot', async () => await start(false));
applicationWriterConformance('hubspot, which refuses whole batches,', async () => await start(true));
