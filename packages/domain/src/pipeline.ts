import { z } from 'zod';

/** The kinds of pipeline that this version runs. */
export const PIPELINE_KINDS = ['import-from-database'] as const;

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

/** What a run of a pipeline does: stored with every version and never changed. Schemas are kept in their JSON form. */
export const pipelineDefinitionSchema = z.object({
  kind: z.literal('import-from-database'),
  query: z.string(),
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
});

export type PipelineDefinition = z.infer<typeof pipelineDefinitionSchema>;

/** Kinds whose runs count every record at Filter, whether they have one or not: the source knows nothing of it. */
export const COUNTS_FILTER: Readonly<Record<PipelineKind, boolean>> = { 'import-from-database': false };

/** How far below the cursor an incremental import reads again when the pipeline does not say: 5 minutes. */
export const DEFAULT_CURSOR_OVERLAP_MS = 5 * 60_000;
