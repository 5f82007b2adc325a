import { WAREHOUSE_MODES } from '@penstock/domain';
import { z } from 'zod';
import { entityId, text, timestamp } from './wire-values.js';

const settings = z.record(z.string(), z.unknown());

/** A schema in its JSON form; the language's parser checks it, and says more than a schema of ours could. */
export const schemaJson = z.looseObject({ kind: z.literal('object') }).meta({
  id: 'Schema',
  override: {
    type: 'object',
    required: ['kind', 'properties'],
    properties: {
      kind: { const: 'object' },
      properties: { type: 'array', items: { type: 'object', required: ['name', 'type'] } },
    },
  },
  description: 'An object type: `{"kind":"object","properties":[{"name","type",...}]}`.',
});

export const warehouseMode = z.enum(WAREHOUSE_MODES);

export const createWorkspaceBody = z.object({
  name: text(100),
  profileSchema: schemaJson,
  warehouse: z.object({ platform: text(100), mode: warehouseMode.default('Normal'), settings }),
});

export const renameWorkspaceBody = z.object({ name: text(100) });

export const workspace = z
  .strictObject({
    id: entityId,
    name: z.string(),
    warehousePlatform: z.string(),
    warehouseMode,
    profileSchema: schemaJson,
    primarySources: z
      .record(z.string(), entityId)
      .meta({ description: 'Connection whose values go first, by path of a property.' }),
    identifiers: z
      .array(z.string())
      .meta({ description: 'Paths of the properties that identities are matched by, the most important first.' }),
    resolveIdentitiesOnBatchImport: z.boolean(),
    createdAt: timestamp,
  })
  .meta({ id: 'Workspace' });

export const workspaceList = z.strictObject({ workspaces: z.array(workspace) });

export const warehouse = z
  .strictObject({
    platform: z.string(),
    mode: warehouseMode,
    pendingMode: warehouseMode.nullable().meta({ description: 'The mode that waits for live runs to end.' }),
    blockingRuns: z
      .array(z.strictObject({ run: z.int(), pipeline: entityId }))
      .meta({ description: 'The live runs that hold the pending mode; empty when none is pending.' }),
    blockingOperations: z
      .array(z.strictObject({ kind: z.enum(['resolution', 'alteration']), startTime: timestamp }))
      .meta({ description: 'A resolution or an alteration of the profile schema that holds the pending mode.' }),
    settings: settings.nullable().meta({ description: 'Secrets are redacted; null when no master key decrypts them.' }),
  })
  .meta({ id: 'Warehouse' });

export const warehouseModeBody = z.object({
  mode: warehouseMode,
  cancelIncompatible: z
    .boolean()
    .default(false)
    .meta({ description: 'Cancels the live runs, and puts off a resolution, instead of waiting for them.' }),
});

export const warehouseTestBody = z.object({
  platform: text(100).optional(),
  settings: settings.optional(),
});
