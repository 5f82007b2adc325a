import { COMPRESSIONS, CONNECTION_ROLES, SCHEDULE_PERIODS, type SchedulePeriod } from '@penstock/domain';
import { FUNCTION_LANGUAGES } from '@penstock/language';
import { z } from 'zod';
import {
  booleanText,
  entityId,
  entityIdText,
  integerText,
  sheetProblem,
  text,
  textProblem,
  timestamp,
} from './wire-values.js';
import { schemaJson } from './workspaces.js';

const MAX_SOURCE_CHARACTERS = 50_000;
const MAX_FUNCTION_PATHS = 1_000;

const period = z.enum(SCHEDULE_PERIODS as [SchedulePeriod, ...SchedulePeriod[]]);

export const statusBody = z.object({ enabled: z.boolean() });

export const scheduleBody = z.object({ period: period.nullable() });

/** Text that may be absent: null and "" say so too, because that is how GET shows an absent one. */
const optionalText = (max: number, problemOf: (value: string) => string | undefined = () => undefined) =>
  z
    .string()
    .nullish()
    .transform((value, context): string | null => {
      if (!value) return null;
      const problem = textProblem(value, max) ?? problemOf(value);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      return value;
    });

const optionalBoolean = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false)
  .meta({ default: false });

/** Counted before they are looked at: a body can have hundreds of thousands that are none. */
const functionPaths = (description: string) =>
  z
    .array(z.unknown())
    .max(MAX_FUNCTION_PATHS)
    .pipe(z.array(z.string()))
    .meta({ override: { type: 'array', maxItems: MAX_FUNCTION_PATHS, items: { type: 'string' } }, description });

/** A transformation function, member by member. What its paths must be is a matter of the schemas. */
export const functionMembers = z.object({
  language: z.enum(FUNCTION_LANGUAGES),
  source: text(MAX_SOURCE_CHARACTERS).meta({ description: 'Defines transform(record), which returns an object.' }),
  preserveJSON: optionalBoolean.meta({ description: 'Hands values of kind json over as their text.' }),
  inPaths: functionPaths('Paths of the properties of inSchema that it gets.'),
  outPaths: functionPaths('Paths of the properties of outSchema that it returns.'),
});

/** The form of a transformation; of mapping and function one is there. */
export const transformationJson = z
  .object({
    mapping: z.record(z.string(), z.string()).nullish().meta({ description: 'Profile property path to expression.' }),
    function: functionMembers.nullish(),
  })
  .meta({ description: 'Exactly one of mapping and function; the other is left out or null.' });

/** The form of a filter. What its conditions must be is a matter of the schema. */
export const filterJson = z.looseObject({ logical: z.unknown(), conditions: z.unknown() }).meta({
  override: {
    type: 'object',
    required: ['logical', 'conditions'],
    properties: {
      logical: { enum: ['and', 'or'] },
      conditions: { type: 'array', items: { type: 'object', required: ['property', 'operator'] } },
    },
  },
  description: '`{"logical": "and", "conditions": [{"property", "operator", "values"}]}`.',
});

const MAX_OVERLAP_SECONDS = 86_400;

const commonMembers = { name: text(60), enabled: optionalBoolean };

/** What the definitions of all imports have. Rules that relate members are elsewhere. */
const importMembers = {
  userIDColumn: text(1024),
  updatedAtColumn: optionalText(1024).meta({
    description: 'The column with the time of the last change; null when there is none.',
  }),
  updatedAtFormat: optionalText(64).meta({
    description:
      'For a column of kind string or json: ISO8601, of a file also Excel, or a strftime pattern such as %Y-%m-%d %H:%M:%S; null for others.',
  }),
  incremental: optionalBoolean,
  transformation: transformationJson,
  inSchema: schemaJson.meta({ description: 'The columns of the source that are used.' }),
  outSchema: schemaJson.meta({ description: 'The properties of the profile schema that are written.' }),
  maxRemovedShare: z.number().min(0).max(1).nullish().meta({
    description:
      'Greatest share of its identities that a run may remove without being asked; null is the default, 0.3.',
  }),
  cursorOverlapSeconds: z.int().min(0).max(MAX_OVERLAP_SECONDS).nullish().meta({
    description: 'How far below the cursor an incremental run reads again; 300 when absent.',
  }),
};

/** What a consumer sends to define a pipeline that imports users from a database. */
export const databaseImportMembers = z.object({
  ...commonMembers,
  query: text(1000).meta({ description: 'A SELECT statement; it may use the placeholders updated_at and limit.' }),
  ...importMembers,
});

/** What a consumer sends to define a pipeline that imports users from files. */
export const fileImportMembers = z.object({
  ...commonMembers,
  format: text(100).meta({ description: 'Code of a connector of type File, see GET /v1/connectors.' }),
  path: text(1024).meta({ description: 'Path of a file, or a pattern of paths whose files are read as one.' }),
  sheet: optionalText(31, sheetProblem).meta({ description: 'Name of the sheet, for formats that have sheets.' }),
  compression: z
    .enum(['', ...COMPRESSIONS])
    .nullish()
    .transform((value) => value || null)
    .meta({ description: 'How files are compressed; null when they are not.' }),
  formatSettings: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((value) => value ?? {})
    .meta({ description: 'Settings of the format, see GET /v1/connectors; null takes the defaults.' }),
  filter: filterJson.nullish().meta({ description: 'Which records are imported; null imports all.' }),
  ...importMembers,
});

const target = z.enum(['User', 'Event', 'Group']).meta({ description: 'This version imports users: User.' });

/** What decides which kind of pipeline is defined. */
export const pipelineHead = z.object({ connection: entityId, target });

/** The kind of the connection decides which of both it is. */
export const createPipelineBody = z.union([
  databaseImportMembers.extend(pipelineHead.shape),
  fileImportMembers.extend(pipelineHead.shape),
]);

/** Connection and target cannot change; they may be sent back as they are. */
export const replacePipelineHead = pipelineHead.partial();

export const replacePipelineBody = z.union([
  databaseImportMembers.extend(replacePipelineHead.shape),
  fileImportMembers.extend(replacePipelineHead.shape),
]);

export const createdId = z.strictObject({ id: entityId });

/** What the answers about all pipelines begin with. */
const answerHead = {
  id: entityId,
  name: z.string(),
  connector: z.string(),
  connectorType: z.string(),
  connection: entityId,
  connectionRole: z.enum(CONNECTION_ROLES),
  target: z.string(),
  enabled: z.boolean(),
};

const answerMembers = {
  userIDColumn: z.string(),
  updatedAtColumn: z.string().nullable(),
  updatedAtFormat: z.string().nullable(),
  incremental: z.boolean(),
  transformation: z.strictObject({
    mapping: z.record(z.string(), z.string()).nullable(),
    function: z
      .strictObject({
        language: z.enum(FUNCTION_LANGUAGES),
        source: z.string(),
        preserveJSON: z.boolean(),
        inPaths: z.array(z.string()),
        outPaths: z.array(z.string()),
      })
      .nullable(),
  }),
  inSchema: schemaJson,
  outSchema: schemaJson,
  maxRemovedShare: z.number().nullable(),
  cursorOverlapSeconds: z.int(),
  running: z.boolean(),
  scheduleStart: z.int().nullable().meta({ description: 'Minutes after 00:00 UTC of the first run of a day.' }),
  schedulePeriod: period.nullable(),
  nextRun: timestamp.nullable().meta({ description: 'The next due time; null while unscheduled or disabled.' }),
};

const databaseImport = z
  .strictObject({ ...answerHead, query: z.string(), ...answerMembers })
  .meta({ id: 'DatabaseImport' });

const fileImport = z
  .strictObject({
    ...answerHead,
    format: z.string(),
    path: z.string(),
    sheet: z.string().nullable(),
    compression: z.enum(COMPRESSIONS).nullable(),
    formatSettings: z.record(z.string(), z.unknown()),
    filter: filterJson.nullable(),
    ...answerMembers,
  })
  .meta({ id: 'FileImport' });

export const pipeline = z.union([databaseImport, fileImport]).meta({ id: 'Pipeline' });

export type PipelineAnswer = z.infer<typeof pipeline>;

export const pipelineList = z.strictObject({
  pipelines: z.array(pipeline),
  nextCursor: z.string().nullable(),
});

export const pipelineListQuery = z.object({
  connection: entityIdText.optional(),
  target: z.enum(['User', 'Event', 'Group']).optional(),
  enabled: booleanText.optional(),
  limit: integerText({ min: 1, max: 1000, default: 100 }),
  cursor: entityIdText.optional(),
});
