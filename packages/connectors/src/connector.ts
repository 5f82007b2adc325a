import { AppError } from '@penstock/domain';
import type { Source } from '@penstock/engine';
import type { z } from 'zod';
import type { ConnectionPools } from './connection-pools.js';
import { parseSettings } from './settings.js';

/** A look at what a query returns, without a run. */
export interface PreviewRequest {
  readonly query: string;
  /** Greatest number of rows, 0 to 100; 0 returns the schema only. */
  readonly limit: number;
}

export interface QueryPreview {
  /** JSON of the schema that the query's columns make; null when it has no column that can be imported. */
  readonly schema: unknown;
  /** Rows as data JSON, a member for each property of the schema. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** What a user should know: columns that cannot be imported, and values that are not shown. */
  readonly issues: readonly string[];
}

/**
 * One kind of database, as the rest of Penstock sees it. Settings come in as they are stored and are checked here: a member
 * that takes them throws AppError `InvalidSettings` when they do not conform to the schema.
 */
export interface DatabaseConnector {
  readonly type: 'Database';
  /** Its name in the API: `postgresql`. */
  readonly code: string;
  /** Its name for people: `PostgreSQL`. */
  readonly label: string;
  /** Strict, with descriptions; members with the metadata `secret` are never shown again. */
  readonly settingsSchema: z.ZodObject;
  /** A query for a user to start from. */
  readonly sampleQuery: string;
  /** The database as a source of runs. Its connections live in the pools and are reused by later runs. */
  openSource(settings: unknown, pools: ConnectionPools): Source;
  /**
   * Reads the first rows of a query, as read-only as a run. Throws AppError `InvalidQuery` with the database's words, or
   * `InvalidPlaceholder`, when the query is wrong; `SourceUnavailable` or `SourceRefused` when the database is not reached.
   */
  query(settings: unknown, request: PreviewRequest, signal: AbortSignal): Promise<QueryPreview>;
  /** Throws AppError `SourceUnavailable` or `SourceRefused` that says in a sentence which setting to look at. */
  test(settings: unknown, signal: AbortSignal): Promise<void>;
}

/** What connections are made with. */
export type Connector = DatabaseConnector;

/** Greatest number of rows of a preview. */
export const MAX_PREVIEW_ROWS = 100;

/** What the folder of a database connector defines; settings arrive parsed. */
export interface DatabaseDefinition<S extends z.ZodObject> {
  readonly code: string;
  readonly label: string;
  readonly settingsSchema: S;
  readonly sampleQuery: string;
  openSource(settings: z.output<S>, pools: ConnectionPools): Source;
  query(settings: z.output<S>, request: PreviewRequest, signal: AbortSignal): Promise<QueryPreview>;
  test(settings: z.output<S>, signal: AbortSignal): Promise<void>;
}

/** Makes a connector whose settings are checked at its door, whatever was stored. */
export function defineDatabaseConnector<S extends z.ZodObject>(definition: DatabaseDefinition<S>): DatabaseConnector {
  const parse = (settings: unknown): z.output<S> => parseSettings(definition.settingsSchema, settings);
  return {
    ...definition,
    type: 'Database',
    openSource: (settings, pools) => definition.openSource(parse(settings), pools),
    query: async (settings, request, signal) => {
      checkLimit(request.limit);
      return await definition.query(parse(settings), request, signal);
    },
    test: async (settings, signal) => await definition.test(parse(settings), signal),
  };
}

function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 0 && limit <= MAX_PREVIEW_ROWS) return;
  throw new AppError('BadRequest', { message: `limit must be an integer from 0 to ${MAX_PREVIEW_ROWS}` });
}
