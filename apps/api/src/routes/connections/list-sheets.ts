import { sheetsAnswer, sheetsQuery } from '@penstock/shared/contracts';
import { listSheets as listSheetsOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const listSheets = defineRoute({
  method: 'get',
  path: '/v1/connections/:id/files/sheets',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'List the sheets of a file',
  params: entityParams,
  query: sheetsQuery,
  response: sheetsAnswer,
  errors: [
    'FormatNotExist',
    'InvalidSettings',
    'InvalidPath',
    'InvalidFile',
    'SettingsUnreadable',
    'SourceRefused',
    'SourceUnavailable',
  ],
  handler: async ({ deps, workspace, params, query, signal }) => ({
    sheets: [...(await listSheetsOf(deps, { workspace, connection: params.id, ...query }, signal()))],
  }),
});
