import { typeToJson } from '@penstock/language';
import type { ApplicationAccess } from './applications/application-access.js';
import { type ApplicationConnector, checkLimit, type RecordsPreview } from './connector.js';
import { previewOf } from './preview.js';

/** An application whose users somebody looks at. */
export interface UserLook {
  readonly connector: ApplicationConnector;
  readonly settings: unknown;
  readonly access: ApplicationAccess;
}

/**
 * The first users of an application, with the members `_id` and `_updated_at`, and the schema of their properties. No more is read than is
 * shown. @throws AppError as the connector does; BadRequest when the limit is none
 */
export async function previewUsers(
  { connector, settings, access }: UserLook,
  limit: number,
  signal: AbortSignal,
): Promise<RecordsPreview> {
  checkLimit(limit);
  const schema = await connector.userSchema(settings, 'Source', access, signal);
  const reader = await connector.openSource(settings, schema, access).open(null, signal);
  const shown = {
    columns: reader.columns,
    issues: [],
    batches: () => reader.batches(),
    close: () => reader.close(),
  };
  return { ...(await previewOf(shown, limit)), schema: typeToJson(schema) };
}
