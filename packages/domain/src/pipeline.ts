import { z } from 'zod';

/** The kinds of pipeline that this version runs. */
export const PIPELINE_KINDS = ['import-from-database', 'import-from-file'] as const;

export type PipelineKind = (typeof PIPELINE_KINDS)[number];

export const CONNECTION_ROLES = ['Source', 'Destination'] as const;

export type ConnectionRole = (typeof CONNECTION_ROLES)[number];

const filterSchema = z.object({
  logical: z.enum(['and', 'or']),
  conditions: z.array(
    z.object({ property: z.string(), operator: z.string(), values: z.array(z.string()).exactOptional() }),
  ),
});

const functionSchema = z.object({
  language: z.enum(['JavaScript', 'Python']),
  source: z.string(),
  preserveJSON: z.boolean(),
  inPaths: z.array(z.string()),
  outPaths: z.array(z.string()),
});

/** What all imports have. Schemas are kept in their JSON form. */
const importMembers = {
  userIDColumn: z.string(),
  /** The column with the time of a record's last change, null where the source has none. */
  updatedAtColumn: z.string().nullable(),
  /** How text in that column is read; null where the column's type says it. */
  updatedAtFormat: z.string().nullable(),
  /** Which records are imported; null imports all. Of a database the query is the filter. */
  filter: filterSchema.nullable().default(null),
  inSchema: z.unknown(),
  outSchema: z.unknown(),
  transformation: z.union([
    z.object({ mapping: z.record(z.string(), z.string()) }),
    z.object({ function: functionSchema }),
  ]),
};

const databaseImportSchema = z.object({
  kind: z.literal('import-from-database'),
  query: z.string(),
  ...importMembers,
});

export const COMPRESSIONS = ['Zip', 'Gzip', 'Snappy'] as const;

export type Compression = (typeof COMPRESSIONS)[number];

const fileImportSchema = z.object({
  kind: z.literal('import-from-file'),
  /** Code of the connector that reads the format. */
  format: z.string(),
  /** A path in the storage, or a pattern of paths, whose files are read as one. */
  path: z.string(),
  /** Name of the sheet where the format has sheets. */
  sheet: z.string().nullable(),
  /** null reads files as they are. */
  compression: z.enum(COMPRESSIONS).nullable(),
  /** Settings of the format, as its connector defines them. */
  formatSettings: z.record(z.string(), z.unknown()),
  ...importMembers,
});

/** What a run of a pipeline does: stored with every version and never changed. */
export const pipelineDefinitionSchema = z.discriminatedUnion('kind', [databaseImportSchema, fileImportSchema]);

export type PipelineDefinition = z.infer<typeof pipelineDefinitionSchema>;

export type DatabaseImportDefinition = z.infer<typeof databaseImportSchema>;

export type FileImportDefinition = z.infer<typeof fileImportSchema>;

/** Kinds whose runs count every record at Filter, whether they have one or not: the source knows nothing of it. */
export const COUNTS_FILTER: Readonly<Record<PipelineKind, boolean>> = {
  'import-from-database': false,
  'import-from-file': true,
};

/** How far below the cursor an incremental import reads again when the pipeline does not say: 5 minutes. */
export const DEFAULT_CURSOR_OVERLAP_MS = 5 * 60_000;
