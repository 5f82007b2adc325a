import { AppError } from '@penstock/domain';
import type { Source } from '@penstock/engine';
import type { Type } from '@penstock/language';
import type { z } from 'zod';
import type { ConnectionPools } from './connection-pools.js';
import type { FileFormat } from './files/file-format.js';
import type { FileAccess, FileStorage } from './files/file-storage.js';
import { parseSettings } from './settings.js';

/** What the connectors of all types have. */
interface ConnectorIdentity {
  /** Its name in the API: `postgresql`. */
  readonly code: string;
  /** Its name for people: `PostgreSQL`. */
  readonly label: string;
  /** Strict, with descriptions; members with the metadata `secret` are never shown again. */
  readonly settingsSchema: z.ZodObject;
}

/** A look at what a query returns, without a run. */
export interface PreviewRequest {
  readonly query: string;
  /** Greatest number of rows, 0 to 100; 0 returns the schema only. */
  readonly limit: number;
}

export interface RecordsPreview {
  /** JSON of the schema that the columns make; null when there is no column that can be imported. */
  readonly schema: unknown;
  /** Records as data JSON, a member for each property of the schema that they have. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** What a user should know: columns that cannot be imported, and values that are not shown. */
  readonly issues: readonly string[];
}

/** A table or a view, as a query can name it. */
export interface TableName {
  /** Its name as a query names it: quoted where that is needed. */
  readonly name: string;
  readonly type: 'table' | 'view';
}

/**
 * One kind of database, as the rest of Penstock sees it. Settings come in as they are stored and are checked here: a member
 * that takes them throws AppError `InvalidSettings` when they do not conform to the schema.
 */
export interface DatabaseConnector extends ConnectorIdentity {
  readonly type: 'Database';
  /** A query for a user to start from. */
  readonly sampleQuery: string;
  /** A query of the database as a source of runs. Its connections live in the pools and are reused by later runs. */
  openSource(settings: unknown, query: string, pools: ConnectionPools): Source;
  /**
   * Reads the first rows of a query, as read-only as a run. Throws AppError `InvalidQuery` with the database's words, or
   * `InvalidPlaceholder`, when the query is wrong; `SourceUnavailable` or `SourceRefused` when the database is not reached.
   */
  query(settings: unknown, request: PreviewRequest, signal: AbortSignal): Promise<RecordsPreview>;
  /** Tables and views that the user may read, by name, at most {@link MAX_TABLES}. Throws as `test`. */
  tables(settings: unknown, signal: AbortSignal): Promise<readonly TableName[]>;
  /** Throws AppError `SourceUnavailable` or `SourceRefused` that says in a sentence which setting to look at. */
  test(settings: unknown, signal: AbortSignal): Promise<void>;
}

/** One kind of place that files are in. Settings come in as with databases. */
export interface FileStorageConnector extends ConnectorIdentity {
  readonly type: 'FileStorage';
  /** Whether a path may be a pattern of paths. */
  readonly hasPatterns: boolean;
  /** The storage; it connects when it is asked for something. Whoever opens it closes it. */
  open(settings: unknown, access: FileAccess): FileStorage;
  /** Throws AppError `SourceUnavailable` or `SourceRefused` that says in a sentence which setting to look at. */
  test(settings: unknown, access: FileAccess, signal: AbortSignal): Promise<void>;
}

/** One format of files. Its settings belong to the pipeline, not to a connection. */
export interface FileFormatConnector extends ConnectorIdentity {
  readonly type: 'File';
  /** The usual extension of its files, without the dot. */
  readonly extension: string;
  readonly hasSheets: boolean;
  /** The type of all columns; absent where files say of which type a column is. */
  readonly columnType?: Type;
  /** Throws AppError `InvalidSettings`. */
  open(settings: unknown): FileFormat;
}

export type Connector = DatabaseConnector | FileStorageConnector | FileFormatConnector;

/** What connections are made with: a format is chosen by the pipeline. */
export type ConnectionConnector = DatabaseConnector | FileStorageConnector;

/** Greatest number of rows of a preview. */
export const MAX_PREVIEW_ROWS = 100;

/** Greatest number of tables that are listed. */
export const MAX_TABLES = 1_000;

type Parsed<S extends z.ZodType> = z.output<S>;

/** What the folder of a database connector defines; settings arrive parsed. */
export interface DatabaseDefinition<S extends z.ZodObject> extends Omit<ConnectorIdentity, 'settingsSchema'> {
  readonly settingsSchema: S;
  readonly sampleQuery: string;
  openSource(settings: Parsed<S>, query: string, pools: ConnectionPools): Source;
  query(settings: Parsed<S>, request: PreviewRequest, signal: AbortSignal): Promise<RecordsPreview>;
  tables(settings: Parsed<S>, signal: AbortSignal): Promise<readonly TableName[]>;
  test(settings: Parsed<S>, signal: AbortSignal): Promise<void>;
}

/** Makes a connector whose settings are checked at its door, whatever was stored. */
export function defineDatabaseConnector<S extends z.ZodObject>(definition: DatabaseDefinition<S>): DatabaseConnector {
  const parse = (settings: unknown): Parsed<S> => parseSettings(definition.settingsSchema, settings);
  return {
    ...definition,
    type: 'Database',
    openSource: (settings, query, pools) => definition.openSource(parse(settings), query, pools),
    query: async (settings, request, signal) => {
      checkLimit(request.limit);
      return await definition.query(parse(settings), request, signal);
    },
    tables: async (settings, signal) => await definition.tables(parse(settings), signal),
    test: async (settings, signal) => await definition.test(parse(settings), signal),
  };
}

/** What the folder of a file storage defines; settings arrive parsed. */
export interface StorageDefinition<S extends z.ZodObject> extends Omit<ConnectorIdentity, 'settingsSchema'> {
  readonly settingsSchema: S;
  readonly hasPatterns: boolean;
  open(settings: Parsed<S>, access: FileAccess): FileStorage;
  test(settings: Parsed<S>, access: FileAccess, signal: AbortSignal): Promise<void>;
}

/** Makes a file storage whose settings are checked at its door. */
export function defineFileStorage<S extends z.ZodObject>(definition: StorageDefinition<S>): FileStorageConnector {
  const parse = (settings: unknown): Parsed<S> => parseSettings(definition.settingsSchema, settings);
  return {
    ...definition,
    type: 'FileStorage',
    open: (settings, access) => definition.open(parse(settings), access),
    test: async (settings, access, signal) => await definition.test(parse(settings), access, signal),
  };
}

/** What the folder of a file format defines; settings arrive parsed. */
export interface FormatDefinition<S extends z.ZodObject> extends Omit<ConnectorIdentity, 'settingsSchema'> {
  readonly settingsSchema: S;
  readonly extension: string;
  readonly hasSheets: boolean;
  readonly columnType?: Type;
  open(settings: Parsed<S>): FileFormat;
}

/** Makes a file format whose settings are checked at its door. */
export function defineFileFormat<S extends z.ZodObject>(definition: FormatDefinition<S>): FileFormatConnector {
  const parse = (settings: unknown): Parsed<S> => parseSettings(definition.settingsSchema, settings);
  return { ...definition, type: 'File', open: (settings) => definition.open(parse(settings)) };
}

/** @throws AppError BadRequest */
export function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 0 && limit <= MAX_PREVIEW_ROWS) return;
  throw new AppError('BadRequest', { message: `limit must be an integer from 0 to ${MAX_PREVIEW_ROWS}` });
}
