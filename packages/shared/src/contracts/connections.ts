import { COMPRESSIONS, CONNECTION_ROLES } from '@penstock/domain';
import { z } from 'zod';
import { entityId, integerText, sheetProblem, text, timestamp } from './wire-values.js';

const settings = z.record(z.string(), z.unknown());

export const createConnectionBody = z.object({
  name: text(100),
  role: z.enum(CONNECTION_ROLES),
  connector: text(100),
  settings: settings.meta({
    description: 'What the connector needs, see GET /v1/connectors. Secrets can be written, never read.',
  }),
});

export const replaceConnectionBody = z.object({
  name: text(100),
  settings: settings
    .optional()
    .meta({ description: 'All settings, secrets included; leave it out to keep the stored ones.' }),
});

export const connection = z
  .strictObject({
    id: entityId,
    name: z.string(),
    connector: z.string(),
    connectorType: z.string(),
    role: z.enum(CONNECTION_ROLES),
    settings: settings.nullable().meta({ description: 'Secrets are redacted; null when no master key decrypts them.' }),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Connection' });

export const connectionList = z.strictObject({ connections: z.array(connection) });

export const connector = z
  .strictObject({
    code: z.string(),
    label: z.string(),
    type: z.enum(['Database', 'FileStorage', 'File', 'Application']),
    roles: z
      .array(z.enum(CONNECTION_ROLES))
      .optional()
      .meta({ description: 'Which roles a connection can have; a file format has no connections.' }),
    sampleQuery: z.string().optional().meta({ description: 'Of a database: a query to start from.' }),
    hasPatterns: z.boolean().optional().meta({ description: 'Of a file storage: whether a path may be a pattern.' }),
    extension: z.string().optional().meta({ description: 'Of a file format: the usual extension.' }),
    hasSheets: z.boolean().optional().meta({ description: 'Of a file format: whether a pipeline names a sheet.' }),
    settings: z.record(z.string(), z.unknown()).meta({
      description:
        'JSON Schema of the settings of a connection; of a file format that of the formatSettings of a pipeline that reads files.',
    }),
    writeSettings: z.record(z.string(), z.unknown()).optional().meta({
      description: 'Of a file format: JSON Schema of the formatSettings of a pipeline that writes files.',
    }),
  })
  .meta({ id: 'Connector' });

export const connectorList = z.strictObject({ connectors: z.array(connector) });

export const testConnectionBody = z
  .object({
    connection: entityId.optional().meta({ description: 'Tests the stored settings of this connection.' }),
    connector: text(100).optional(),
    settings: settings.optional(),
  })
  .superRefine((body, context) => {
    const given = body.connector !== undefined && body.settings !== undefined;
    if ((body.connection === undefined) === given) return;
    const message = 'give either connection, or connector and settings';
    context.addIssue({ code: 'custom', message, path: ['connection'] });
  });

export const testAnswer = z.strictObject({ ok: z.literal(true) });

export const queryBody = z.object({
  query: text(16_777_215),
  limit: z.int().min(0).max(100).default(0),
});

export const queryAnswer = z.strictObject({
  rows: z.array(z.record(z.string(), z.unknown())),
  schema: z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ description: 'Can be used as the inSchema of a pipeline.' }),
  issues: z.array(z.string()).meta({ description: 'Columns and records that cannot be imported, and why.' }),
});

const path = text(1024).meta({ description: 'Path of a file, or a pattern of paths.' });

/** Settings of a format in a query: the JSON text of an object. */
const formatSettingsText = z
  .string()
  .max(20_000)
  .optional()
  .transform((value, context): Record<string, unknown> => {
    if (value === undefined || value === '' || value === 'null') return {};
    const parsed = parseObject(value);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: 'must be the JSON text of an object' });
    return z.NEVER;
  })
  .meta({ override: { type: 'string' }, description: 'JSON of the formatSettings; the defaults without it.' });

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const fileMembers = {
  path,
  format: text(100).meta({ description: 'Code of a connector of type File.' }),
  compression: z
    .enum(['', ...COMPRESSIONS])
    .optional()
    .transform((value) => value || null),
  formatSettings: formatSettingsText,
};

export const filesQuery = z.object({
  ...fileMembers,
  sheet: text(31)
    .superRefine((name, context) => {
      const message = sheetProblem(name);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .optional(),
  limit: integerText({ min: 0, max: 100, default: 0 }),
});

export const filesAnswer = z.strictObject({
  records: z.array(z.record(z.string(), z.unknown())),
  schema: z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ description: 'Can be used as the inSchema of a pipeline.' }),
  issues: z.array(z.string()).meta({ description: 'Columns and records that cannot be imported, and why.' }),
});

export const sheetsQuery = z.object(fileMembers);

export const sheetsAnswer = z.strictObject({ sheets: z.array(z.string()) });

export const absolutePathQuery = z.object({ path });

export const absolutePathAnswer = z.strictObject({ path: z.string() });

export const identityListQuery = z.object({
  first: integerText({ min: 0, max: 999_999_999, default: 0 }),
  limit: integerText({ min: 1, max: 1000, default: 100 }),
});

/** Attributes of identities and of profiles. */
export const attributesJson = z
  .record(z.string(), z.unknown())
  .meta({ description: 'By property, objects as objects; those without a value are left out.' });

export const identityList = z.strictObject({
  identities: z.array(
    z.strictObject({
      userId: z.string(),
      connection: entityId,
      pipeline: entityId,
      updatedAt: z.string(),
      attributes: attributesJson,
    }),
  ),
  total: z.int().min(0),
});
