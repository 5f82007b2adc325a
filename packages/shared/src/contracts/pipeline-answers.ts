import { COMPRESSIONS, CONNECTION_ROLES, EXPORT_MODES, ON_LEAVE } from '@penstock/domain';
import { z } from 'zod';
import { filterJson, transformationAnswer } from './transformations.js';
import { entityId, schedulePeriod, timestamp } from './wire-values.js';
import { schemaJson } from './workspaces.js';

/** What the answers about all pipelines begin with. */
const head = {
  id: entityId,
  name: z.string(),
  connector: z.string(),
  connectorType: z.string(),
  connection: entityId,
  connectionRole: z.enum(CONNECTION_ROLES),
  target: z.string(),
  enabled: z.boolean(),
};

/** What they end with. */
const tail = {
  running: z.boolean(),
  scheduleStart: z.int().nullable().meta({ description: 'Minutes after 00:00 UTC of the first run of a day.' }),
  schedulePeriod: schedulePeriod.nullable(),
  nextRun: timestamp.nullable().meta({ description: 'The next due time; null while unscheduled or disabled.' }),
};

const filter = filterJson.nullable();
const transforming = { transformation: transformationAnswer, inSchema: schemaJson, outSchema: schemaJson };
const removing = { maxRemovedShare: z.number().nullable() };
const importing = { incremental: z.boolean(), ...transforming, ...removing, cursorOverlapSeconds: z.int() };

const columns = {
  userIDColumn: z.string(),
  updatedAtColumn: z.string().nullable(),
  updatedAtFormat: z.string().nullable(),
};

const file = {
  format: z.string(),
  path: z.string(),
  sheet: z.string().nullable(),
  compression: z.enum(COMPRESSIONS).nullable(),
  formatSettings: z.record(z.string(), z.unknown()),
};

const databaseImport = z
  .strictObject({ ...head, query: z.string(), ...columns, ...importing, ...tail })
  .meta({ id: 'DatabaseImport' });

const fileImport = z
  .strictObject({ ...head, ...file, filter, ...columns, ...importing, ...tail })
  .meta({ id: 'FileImport' });

const applicationImport = z.strictObject({ ...head, filter, ...importing, ...tail }).meta({ id: 'ApplicationImport' });

const databaseExport = z
  .strictObject({
    ...head,
    filter,
    tableName: z.string(),
    tableKey: z.string(),
    onLeave: z.enum(ON_LEAVE),
    ...transforming,
    ...removing,
    ...tail,
  })
  .meta({ id: 'DatabaseExport' });

const fileExport = z
  .strictObject({ ...head, ...file, orderBy: z.string(), filter, inSchema: schemaJson, ...tail })
  .meta({ id: 'FileExport' });

const applicationExport = z
  .strictObject({
    ...head,
    filter,
    matching: z.strictObject({ in: z.string(), out: z.string() }),
    exportMode: z.enum(EXPORT_MODES),
    updateOnDuplicates: z.boolean(),
    onLeave: z.enum(ON_LEAVE),
    ...transforming,
    ...removing,
    ...tail,
  })
  .meta({ id: 'ApplicationExport' });

/** A pipeline as GET shows it: of which kind it is, the type and the role of its connection tell. */
export const pipeline = z
  .union([databaseImport, fileImport, applicationImport, databaseExport, fileExport, applicationExport])
  .meta({ id: 'Pipeline' });

export type PipelineAnswer = z.infer<typeof pipeline>;

export const pipelineList = z.strictObject({
  pipelines: z.array(pipeline),
  nextCursor: z.string().nullable(),
});
