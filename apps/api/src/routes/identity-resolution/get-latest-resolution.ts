import { latestResolution } from '@penstock/shared/contracts';
import { latestResolution as latestResolutionOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

const getAt = (path: string) =>
  defineRoute({
    method: 'get',
    path,
    scope: 'workspace',
    tag: 'Identity resolution',
    summary: 'Get how the latest resolution of identities went',
    response: latestResolution,
    handler: ({ deps, workspace }) => latestResolutionOf(deps, workspace),
  });

export const getLatestResolution = getAt('/v1/identity-resolution');

/** The path of the original API. */
export const getLatestResolutionAlias = getAt('/v1/identity-resolution/latest');
