import { latestAlteration } from '@penstock/shared/contracts';
import { latestAlteration as latestAlterationOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const getLatestAlteration = defineRoute({
  method: 'get',
  path: '/v1/profiles/schema/latest-alter',
  scope: 'workspace',
  tag: 'Profiles',
  summary: 'Get how the latest alteration of the profile schema went',
  response: latestAlteration,
  handler: ({ deps, workspace }) => latestAlterationOf(deps, workspace),
});
