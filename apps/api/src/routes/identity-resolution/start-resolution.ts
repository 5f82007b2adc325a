import { requestedResolution, startResolutionBody } from '@penstock/shared/contracts';
import { storeIdempotentAnswer } from '@penstock/shared/repositories';
import { requestResolution } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

const startAt = (path: string) =>
  defineRoute({
    method: 'post',
    path,
    scope: 'workspace',
    tag: 'Identity resolution',
    summary: 'Resolve identities into profiles',
    description:
      'Answers at once; a worker does it. One that is asked for while another is under way begins after it, and those that wait are one, a full one if any of them is.',
    body: startResolutionBody,
    bodyOptional: true,
    idempotent: true,
    response: requestedResolution,
    errors: ['InspectionMode', 'MaintenanceMode'],
    handler: ({ deps, workspace, body, idempotency: claim }) =>
      requestResolution(deps, {
        workspace,
        full: body.full,
        ...(claim && { afterInsert: (client, id) => storeIdempotentAnswer(client, claim, { id }) }),
      }),
  });

export const startResolution = startAt('/v1/identity-resolution');

/** The path of the original API. */
export const startResolutionAlias = startAt('/v1/identity-resolution/start');
