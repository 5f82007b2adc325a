import { z } from 'zod';
import {
  applicationExportMembers,
  applicationImportMembers,
  databaseExportMembers,
  databaseImportMembers,
  fileExportMembers,
  fileImportMembers,
} from './pipeline-members.js';
import { transformationJson } from './transformations.js';
import { booleanText, entityId, entityIdText, integerText, schedulePeriod } from './wire-values.js';

export * from './pipeline-answers.js';

export const statusBody = z.object({ enabled: z.boolean() });

export const scheduleBody = z.object({ period: schedulePeriod.nullable() });

const target = z.enum(['User', 'Event', 'Group']).meta({ description: 'This version has pipelines of users: User.' });

/** What decides, with the type and the role of the connection, which kind of pipeline is defined. */
export const pipelineHead = z.object({ connection: entityId, target });

/** Connection and target cannot change; they may be sent back as they are. */
export const replacePipelineHead = pipelineHead.partial();

const transformed = { transformation: transformationJson };

/** Definitions of all kinds, with the members that they begin with. */
const definitions = <H extends z.ZodRawShape>(head: H) =>
  z.union([
    databaseImportMembers.extend({ ...transformed, ...head }),
    fileImportMembers.extend({ ...transformed, ...head }),
    applicationImportMembers.extend({ ...transformed, ...head }),
    databaseExportMembers.extend({ ...transformed, ...head }),
    fileExportMembers.extend(head),
    applicationExportMembers.extend({ ...transformed, ...head }),
  ]);

/** The connection decides which of them it is. */
export const createPipelineBody = definitions(pipelineHead.shape);

export const replacePipelineBody = definitions(replacePipelineHead.shape);

export const createdId = z.strictObject({ id: entityId });

export const pipelineListQuery = z.object({
  connection: entityIdText.optional(),
  target: z.enum(['User', 'Event', 'Group']).optional(),
  enabled: booleanText.optional(),
  limit: integerText({ min: 1, max: 1000, default: 100 }),
  cursor: entityIdText.optional(),
});
