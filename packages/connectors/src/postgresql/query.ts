import type { Lease } from '../connection-pool.js';
import type { PreviewRequest, RecordsPreview } from '../connector.js';
import { replacePlaceholders } from '../placeholders.js';
import { previewOf } from '../preview.js';
import { previewPlaceholders } from './literals.js';
import { openRead } from './open-read.js';
import { PostgresqlSession } from './session.js';
import { PREVIEW_LIMITS } from './session-settings.js';
import type { PostgresqlSettings } from './settings.js';

/** The first rows of a query, on a connection of its own. */
export async function queryPostgresql(
  settings: PostgresqlSettings,
  { query, limit }: PreviewRequest,
  signal: AbortSignal,
): Promise<RecordsPreview> {
  const text = replacePlaceholders(query, previewPlaceholders(limit));
  const session = await PostgresqlSession.connect(settings, signal);
  const request = {
    query: text,
    schema: settings.schema,
    limit,
    limits: PREVIEW_LIMITS,
    refused: 'InvalidQuery',
  } as const;
  return await previewOf(await openRead(ownLease(session), request, signal), limit);
}

/** A session that is used once. */
function ownLease(session: PostgresqlSession): Lease<PostgresqlSession> {
  const end = () => void session.destroy();
  return { connection: session, reused: false, release: end, discard: end };
}
