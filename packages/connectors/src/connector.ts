import { AppError, type ConnectionRole } from '@penstock/domain';
import type { ApplicationDestination, Source, TableDestination } from '@penstock/engine';
import type { ObjectType, Type } from '@penstock/language';
import type { z } from 'zod';
import type { ApplicationAccess } from './applications/application-access.js';
import type { ConnectionPools } from './connection-pools.js';
import type { FileFormat, FileWriterFormat } from './files/file-format.js';
import type { FileAccess, FileStorage } from './files/file-storage.js';
import { parseSettings } from './settings.js';
import { userSchemaFor } from './user-schema.js';

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

/** A table of a database that can be written. */
export interface TableReference {
  /** As a query names it: `schema.table`, quoted where that is needed. */
  readonly table: string;
  /** Name of the column whose values tell rows apart. */
  readonly key: string;
}

/** What a table is, for whoever defines an export to it. */
export interface TableSchema {
  /** Its columns that can be written, as properties; nullable ones are. */
  readonly schema: ObjectType;
  /** Names of the columns that have a unique index of their own: each can be the key. */
  readonly keys: readonly string[];
  /** Columns that cannot be written, and why. */
  readonly issues: readonly string[];
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
  /** What a table is. Throws AppError `DestinationRefused` when it does not exist, `DestinationUnavailable`. */
  tableSchema(settings: unknown, table: string, signal: AbortSignal): Promise<TableSchema>;
  /** A table of the database as a destination of runs. */
  openDestination(settings: unknown, table: TableReference): TableDestination;
  /** Throws AppError `SourceUnavailable` or `SourceRefused` that says in a sentence which setting to look at. */
  test(settings: unknown, signal: AbortSignal): Promise<void>;
}

/** One kind of place that files are in. Settings come in as with databases. */
export interface FileStorageConnector extends ConnectorIdentity {
  readonly type: 'FileStorage';
  /** What it can be: some can only be read, or only be written. */
  readonly roles: readonly ConnectionRole[];
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
  /** Settings of pipelines that write files. */
  readonly writeSettingsSchema: z.ZodObject;
  /** Throws AppError `InvalidSettings`. */
  open(settings: unknown): FileFormat;
  /** Throws AppError `InvalidSettings`. */
  openForWriting(settings: unknown): FileWriterFormat;
}

/** One kind of application, which has users. Settings come in as with databases. */
export interface ApplicationConnector extends ConnectorIdentity {
  readonly type: 'Application';
  readonly roles: readonly ConnectionRole[];
  /**
   * The properties of users: of a source those that it delivers, of a destination those that it takes, with what it requires to create or update;
   * with no flags but those that the schema of a pipeline may have there.
   * Throws AppError `SourceUnavailable` or `SourceRefused`, of a destination `DestinationUnavailable` or `DestinationRefused`.
   */
  userSchema(
    settings: unknown,
    role: ConnectionRole,
    access: ApplicationAccess,
    signal: AbortSignal,
  ): Promise<ObjectType>;
  /** The application's users as a source of runs. `expected` is the schema that the pipeline was defined with. */
  openSource(settings: unknown, expected: ObjectType, access: ApplicationAccess): Source;
  openDestination(settings: unknown, access: ApplicationAccess): ApplicationDestination;
  /** Throws AppError `SourceUnavailable` or `SourceRefused` that says in a sentence which setting to look at. */
  test(settings: unknown, access: ApplicationAccess, signal: AbortSignal): Promise<void>;
}

export type Connector = DatabaseConnector | FileStorageConnector | FileFormatConnector | ApplicationConnector;

/** What connections are made with: a format is chosen by the pipeline. */
export type ConnectionConnector = DatabaseConnector | FileStorageConnector | ApplicationConnector;

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
  tableSchema(settings: Parsed<S>, table: string, signal: AbortSignal): Promise<TableSchema>;
  openDestination(settings: Parsed<S>, table: TableReference): TableDestination;
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
    tableSchema: async (settings, table, signal) => await definition.tableSchema(parse(settings), table, signal),
    openDestination: (settings, table) => definition.openDestination(parse(settings), table),
    test: async (settings, signal) => await definition.test(parse(settings), signal),
  };
}

/** What the folder of a file storage defines; settings arrive parsed. */
export interface StorageDefinition<S extends z.ZodObject> extends Omit<ConnectorIdentity, 'settingsSchema'> {
  readonly settingsSchema: S;
  readonly roles: readonly ConnectionRole[];
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
export interface FormatDefinition<S extends z.ZodObject, W extends z.ZodObject>
  extends Omit<ConnectorIdentity, 'settingsSchema'> {
  readonly settingsSchema: S;
  readonly writeSettingsSchema: W;
  readonly extension: string;
  readonly hasSheets: boolean;
  readonly columnType?: Type;
  open(settings: Parsed<S>): FileFormat;
  openForWriting(settings: Parsed<W>): FileWriterFormat;
}

/** Makes a file format whose settings are checked at its door. */
export function defineFileFormat<S extends z.ZodObject, W extends z.ZodObject>(
  definition: FormatDefinition<S, W>,
): FileFormatConnector {
  const { settingsSchema, writeSettingsSchema } = definition;
  return {
    ...definition,
    type: 'File',
    open: (settings) => definition.open(parseSettings(settingsSchema, settings)),
    openForWriting: (settings) => definition.openForWriting(parseSettings(writeSettingsSchema, settings)),
  };
}

/** What the folder of an application defines; settings arrive parsed. */
export interface ApplicationDefinition<S extends z.ZodObject> extends Omit<ConnectorIdentity, 'settingsSchema'> {
  readonly settingsSchema: S;
  readonly roles: readonly ConnectionRole[];
  userSchema(
    settings: Parsed<S>,
    role: ConnectionRole,
    access: ApplicationAccess,
    signal: AbortSignal,
  ): Promise<ObjectType>;
  openSource(settings: Parsed<S>, expected: ObjectType, access: ApplicationAccess): Source;
  openDestination(settings: Parsed<S>, access: ApplicationAccess): ApplicationDestination;
  test(settings: Parsed<S>, access: ApplicationAccess, signal: AbortSignal): Promise<void>;
}

/** Makes an application whose settings are checked at its door. */
export function defineApplication<S extends z.ZodObject>(definition: ApplicationDefinition<S>): ApplicationConnector {
  const parse = (settings: unknown): Parsed<S> => parseSettings(definition.settingsSchema, settings);
  return {
    ...definition,
    type: 'Application',
    userSchema: async (settings, role, access, signal) =>
      userSchemaFor(role, await definition.userSchema(parse(settings), role, access, signal)),
    openSource: (settings, expected, access) => definition.openSource(parse(settings), expected, access),
    openDestination: (settings, access) => definition.openDestination(parse(settings), access),
    test: async (settings, access, signal) => await definition.test(parse(settings), access, signal),
  };
}

/** @throws AppError BadRequest */
export function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 0 && limit <= MAX_PREVIEW_ROWS) return;
  throw new AppError('BadRequest', { message: `limit must be an integer from 0 to ${MAX_PREVIEW_ROWS}` });
}
