import { COMPRESSIONS, EXPORT_MODES, ON_LEAVE } from '@penstock/domain';
import { z } from 'zod';
import { filterJson } from './transformations.js';
import { optionalBoolean, optionalText, sheetProblem, text } from './wire-values.js';
import { schemaJson } from './workspaces.js';

const MAX_OVERLAP_SECONDS = 86_400;
const MAX_PATH = 1_024;

/** What all pipelines have. The transformation is none of the members here: it is read by parts. */
const commonMembers = { name: text(60), enabled: optionalBoolean };

const filter = filterJson.nullish().meta({ description: 'Which records take part; null takes all.' });

/** What the definitions of all imports have. Rules that relate members are elsewhere. */
const importMembers = {
  incremental: optionalBoolean,
  inSchema: schemaJson.meta({ description: 'The properties of the source that are used.' }),
  outSchema: schemaJson.meta({ description: 'The properties of the profile schema that are written.' }),
  maxRemovedShare: z.number().min(0).max(1).nullish().meta({
    description:
      'Greatest share of its identities that a run may remove without being asked; null is the default, 0.3.',
  }),
  cursorOverlapSeconds: z.int().min(0).max(MAX_OVERLAP_SECONDS).nullish().meta({
    description: 'How far below the cursor an incremental run reads again; 300 when absent.',
  }),
};

/** Which columns of a source say who a record is, and when it changed. */
const columnMembers = {
  userIDColumn: text(1024),
  updatedAtColumn: optionalText(1024).meta({
    description: 'The column with the time of the last change; null when there is none.',
  }),
  updatedAtFormat: optionalText(64).meta({
    description:
      'For a column of kind string or json: ISO8601, of a file also Excel, or a strftime pattern such as %Y-%m-%d %H:%M:%S; null for others.',
  }),
};

const fileMembers = {
  format: text(100).meta({ description: 'Code of a connector of type File, see GET /v1/connectors.' }),
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
};

/** What a consumer sends to define a pipeline that imports users from a database. */
export const databaseImportMembers = z.object({
  ...commonMembers,
  query: text(1000).meta({ description: 'A SELECT statement; it may use the placeholders updated_at and limit.' }),
  ...columnMembers,
  ...importMembers,
});

/** What a consumer sends to define a pipeline that imports users from files. */
export const fileImportMembers = z.object({
  ...commonMembers,
  path: text(MAX_PATH).meta({ description: 'Path of a file, or a pattern of paths whose files are read as one.' }),
  ...fileMembers,
  filter,
  ...columnMembers,
  ...importMembers,
});

/** What a consumer sends to define a pipeline that imports users from an application. */
export const applicationImportMembers = z.object({ ...commonMembers, filter, ...importMembers });

const inSchema = schemaJson.meta({ description: 'The properties of the profile schema that are used.' });

/** What the definitions of exports have that can remove what they have written. */
const removingMembers = {
  inSchema,
  onLeave: z
    .enum(ON_LEAVE)
    .nullish()
    .transform((value) => value ?? 'keep')
    .meta({
      default: 'keep',
      description: 'What becomes, at the destination, of a record whose profile takes part no more.',
    }),
  maxRemovedShare: z.number().min(0).max(1).nullish().meta({
    description: 'Greatest share of its records that a run may remove without being asked; null is the default, 0.3.',
  }),
};

/** What a consumer sends to define a pipeline that exports profiles to a database. */
export const databaseExportMembers = z.object({
  ...commonMembers,
  tableName: text(1024).meta({ description: 'As a query names it: `schema.table`, quoted where that is needed.' }),
  tableKey: text(1024).meta({
    description: 'The column whose values tell rows apart; it has a unique index of its own.',
  }),
  filter,
  ...removingMembers,
  outSchema: schemaJson.meta({ description: 'The columns of the table that are written.' }),
});

/** What a consumer sends to define a pipeline that exports profiles to a file. */
export const fileExportMembers = z.object({
  ...commonMembers,
  path: text(MAX_PATH).meta({ description: 'Path of the file; it may have the placeholders today, now and unix.' }),
  ...fileMembers,
  orderBy: text(1024).meta({ description: 'Path of the property that records are ordered by, ascending.' }),
  filter,
  inSchema: schemaJson.meta({ description: 'The properties of the profile schema that become columns.' }),
});

const matching = z.object({
  in: text(1024).meta({ description: 'Path of a property of inSchema.' }),
  out: text(1024).meta({ description: 'Path of a property of outSchema.' }),
});

/** What a consumer sends to define a pipeline that exports profiles to an application. */
export const applicationExportMembers = z.object({
  ...commonMembers,
  exportMode: z.enum(EXPORT_MODES),
  matching: matching.meta({ description: 'A profile and a user match when these properties of theirs are equal.' }),
  updateOnDuplicates: optionalBoolean.meta({
    description: 'Whether all users are updated that match one profile; else that profile fails.',
  }),
  filter,
  ...removingMembers,
  outSchema: schemaJson.meta({ description: "The properties of the application's users that are written or matched." }),
});
