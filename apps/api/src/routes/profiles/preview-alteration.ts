import { alterationPreview, alterProfileSchemaBody } from '@penstock/shared/contracts';
import { previewAlteration as previewAlterationOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

/** Both methods do the same: it is read like the request that it previews, and it changes nothing. */
const previewBy = (method: 'post' | 'put') =>
  defineRoute({
    method,
    path: '/v1/profiles/schema/preview',
    scope: 'workspace',
    tag: 'Profiles',
    summary: 'Show what an alteration of the profile schema would execute in the data warehouse',
    body: alterProfileSchemaBody,
    response: alterationPreview,
    errors: [
      'InvalidAlterSchema',
      'ConnectionNotExist',
      'SettingsUnreadable',
      'WarehouseConflict',
      'WarehouseRefused',
      'WarehouseUnavailable',
    ],
    handler: ({ deps, workspace, body }) => previewAlterationOf(deps, { workspace, ...body }),
  });

export const previewAlteration = previewBy('post');

export const previewAlterationByPut = previewBy('put');
