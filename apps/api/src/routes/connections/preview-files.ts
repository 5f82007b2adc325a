import { filesAnswer, filesQuery } from '@penstock/shared/contracts';
import { previewFiles as previewFilesOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const previewFiles = defineRoute({
  method: 'get',
  path: '/v1/connections/:id/files',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'Preview the records of a file, or of the files that a pattern matches',
  description: 'Its schema can be used as the inSchema of a pipeline.',
  params: entityParams,
  query: filesQuery,
  response: filesAnswer,
  errors: [
    'FormatNotExist',
    'InvalidSettings',
    'InvalidPath',
    'InvalidFile',
    'NoColumnsFound',
    'SheetNotExist',
    'SettingsUnreadable',
    'SourceRefused',
    'SourceUnavailable',
  ],
  handler: async ({ deps, workspace, params, query, signal }) => {
    const { sheet = null, ...file } = query;
    const preview = await previewFilesOf(deps, { workspace, connection: params.id, sheet, ...file }, signal());
    return {
      records: [...preview.rows],
      schema: preview.schema as Record<string, unknown> | null,
      issues: [...preview.issues],
    };
  },
});
