import { z } from 'zod';

/** The kinds of pipeline. */
export const PIPELINE_KINDS = [
  'import-from-database',
  'import-from-file',
  'import-from-application',
  'export-to-database',
  'export-to-file',
  'export-to-application',
] as const;

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

const transformationSchema = z.union([
  z.object({ mapping: z.record(z.string(), z.string()) }),
  z.object({ function: functionSchema }),
]);

/** What all pipelines have that transform records. Schemas are kept in their JSON form. */
const transformedMembers = {
  /** Which records take part; null takes all. Of a database that is imported from, the query is the filter. */
  filter: filterSchema.nullable().default(null),
  inSchema: z.unknown(),
  outSchema: z.unknown(),
  transformation: transformationSchema,
};

/** Which columns of a source say who a record is, and when it changed. */
const columnMembers = {
  userIDColumn: z.string(),
  /** The column with the time of a record's last change, null where the source has none. */
  updatedAtColumn: z.string().nullable(),
  /** How text in that column is read; null where the column's type says it. */
  updatedAtFormat: z.string().nullable(),
};

const databaseImportSchema = z.object({
  kind: z.literal('import-from-database'),
  query: z.string(),
  ...columnMembers,
  ...transformedMembers,
});

export const COMPRESSIONS = ['Zip', 'Gzip', 'Snappy'] as const;

export type Compression = (typeof COMPRESSIONS)[number];

const fileMembers = {
  /** Code of the connector that reads or writes the format. */
  format: z.string(),
  /** Name of the sheet where the format has sheets. */
  sheet: z.string().nullable(),
  /** null leaves files as they are. */
  compression: z.enum(COMPRESSIONS).nullable(),
  /** Settings of the format, as its connector defines them. */
  formatSettings: z.record(z.string(), z.unknown()),
};

const fileImportSchema = z.object({
  kind: z.literal('import-from-file'),
  /** A path in the storage, or a pattern of paths, whose files are read as one. */
  path: z.string(),
  ...fileMembers,
  ...columnMembers,
  ...transformedMembers,
});

/** An application says itself who its users are and when they changed. */
const applicationImportSchema = z.object({ kind: z.literal('import-from-application'), ...transformedMembers });

/** What becomes, at the destination, of a record that is no longer exported. */
export const ON_LEAVE = ['keep', 'delete'] as const;

const databaseExportSchema = z.object({
  kind: z.literal('export-to-database'),
  /** As a query names it: `schema.table`, quoted where that is needed. */
  tableName: z.string(),
  /** The column whose values tell rows apart. */
  tableKey: z.string(),
  onLeave: z.enum(ON_LEAVE),
  ...transformedMembers,
});

const fileExportSchema = z.object({
  kind: z.literal('export-to-file'),
  /** May hold the placeholders today, now and unix. */
  path: z.string(),
  /** Path of the property that records are ordered by, ascending. */
  orderBy: z.string(),
  filter: filterSchema.nullable(),
  /** The properties that become columns. */
  inSchema: z.unknown(),
  ...fileMembers,
});

export const EXPORT_MODES = ['CreateOnly', 'UpdateOnly', 'CreateOrUpdate'] as const;

export type ExportMode = (typeof EXPORT_MODES)[number];

const applicationExportSchema = z.object({
  kind: z.literal('export-to-application'),
  exportMode: z.enum(EXPORT_MODES),
  /** A profile and a user of the application match when these properties of theirs are equal. */
  matching: z.object({ in: z.string(), out: z.string() }),
  /** Whether all users of the application are updated that match one profile; else that profile fails. */
  updateOnDuplicates: z.boolean(),
  onLeave: z.enum(ON_LEAVE),
  ...transformedMembers,
});

/** What a run of a pipeline does: stored with every version and never changed. */
export const pipelineDefinitionSchema = z.discriminatedUnion('kind', [
  databaseImportSchema,
  fileImportSchema,
  applicationImportSchema,
  databaseExportSchema,
  fileExportSchema,
  applicationExportSchema,
]);

export type PipelineDefinition = z.infer<typeof pipelineDefinitionSchema>;

export type DatabaseImportDefinition = z.infer<typeof databaseImportSchema>;
export type FileImportDefinition = z.infer<typeof fileImportSchema>;
export type ApplicationImportDefinition = z.infer<typeof applicationImportSchema>;
export type DatabaseExportDefinition = z.infer<typeof databaseExportSchema>;
export type FileExportDefinition = z.infer<typeof fileExportSchema>;
export type ApplicationExportDefinition = z.infer<typeof applicationExportSchema>;

export type ImportDefinition = DatabaseImportDefinition | FileImportDefinition | ApplicationImportDefinition;
export type ExportDefinition = DatabaseExportDefinition | FileExportDefinition | ApplicationExportDefinition;
/** Definitions whose records pass a transformation: all but exports to files. */
export type TransformingDefinition = Exclude<PipelineDefinition, FileExportDefinition>;

export type TransformationDefinition = TransformingDefinition['transformation'];

export function isExport(definition: PipelineDefinition): definition is ExportDefinition {
  return definition.kind.startsWith('export-');
}

export function isImport(definition: PipelineDefinition): definition is ImportDefinition {
  return !isExport(definition);
}

/** What is particular about importing with each kind. */
export const IMPORT_TRAITS: Readonly<
  Record<
    ImportDefinition['kind'],
    {
      /** Whether its runs count every record at Filter, whether they have one or not: the source knows nothing of it. */
      readonly countsFilter: boolean;
      /** Whether records that did not change since the cursor are left out here, because the source delivers them all the same. */
      readonly skipsUnchanged: boolean;
      /** Whether a record may lack its update time: its source has one of its own then. */
      readonly mayLackTime: boolean;
    }
  >
> = {
  'import-from-database': { countsFilter: false, skipsUnchanged: false, mayLackTime: false },
  'import-from-file': { countsFilter: true, skipsUnchanged: true, mayLackTime: true },
  'import-from-application': { countsFilter: true, skipsUnchanged: false, mayLackTime: false },
};

/** Whether the records of a source say when they were updated, so that runs can be incremental. */
export function hasUpdateTime(definition: PipelineDefinition): boolean {
  if (definition.kind === 'import-from-application') return true;
  return 'updatedAtColumn' in definition && definition.updatedAtColumn !== null;
}

/** How far below the cursor an incremental import reads again when the pipeline does not say: 5 minutes. */
export const DEFAULT_CURSOR_OVERLAP_MS = 5 * 60_000;
