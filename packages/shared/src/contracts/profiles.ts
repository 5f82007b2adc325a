import { z } from 'zod';
import { attributesJson } from './connections.js';
import { booleanText, entityId, integerText, timestamp } from './wire-values.js';
import { schemaJson } from './workspaces.js';

const path = z.string().meta({ description: 'Property path, `address.city`.' });

/** Connection by property path. */
export const primarySources = z
  .record(path, entityId)
  .meta({ description: 'Connection whose values go first, by path of a property.', example: { email: 705981339 } });

export const profileSchemaAnswer = z.strictObject({ schema: schemaJson, primarySources });

export const alterProfileSchemaBody = z.object({
  schema: schemaJson,
  primarySources: z.record(z.string(), entityId).nullish().meta({
    description:
      'Connection whose values go first, by path in the new schema. Left out, those of properties that stay are kept.',
  }),
  rePaths: z
    .record(z.string(), z.string().nullable())
    .nullish()
    .meta({
      description:
        'What became of properties, by path in the new schema: the path that it had, or null for a new property at a path that was in use. Properties that are not named keep their path.',
      example: { 'address.town': 'address.city' },
    }),
});

export const alterationPreview = z.strictObject({
  queries: z.array(z.string()).meta({ description: 'What the data warehouse would execute, in this order.' }),
});

export const latestAlteration = z.strictObject({
  startTime: timestamp.nullable().meta({ description: 'null: the schema was never altered.' }),
  endTime: timestamp.nullable().meta({ description: 'null while it is under way.' }),
  error: z
    .string()
    .nullable()
    .meta({ description: 'Why it failed; while it is under way: why it had to be tried again.' }),
});

const first = integerText({ min: 0, max: 999_999_999, default: 0 });
const limit = integerText({ min: 1, max: 1000, default: 100 });

/** A list of names with commas between them. */
const nameList = z
  .string()
  .transform((text) => text.split(','))
  .meta({
    override: { type: 'string' },
    description: 'Names of top-level properties, with commas between them; all without it.',
  });

/** The JSON text of a filter; the language's parser checks what it says. */
const filterText = z
  .string()
  .transform((text, context): unknown => {
    try {
      return text === '' ? null : (JSON.parse(text) as unknown);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be the JSON text of a filter' });
      return z.NEVER;
    }
  })
  .meta({
    override: { type: 'string' },
    description: 'JSON of a filter, as a pipeline has it. It may not use json properties.',
  });

export const profileListQuery = z.object({
  properties: nameList.optional(),
  filter: filterText.optional(),
  order: z.string().optional().meta({ description: 'Path of the property to order by; the update time without it.' }),
  orderDesc: booleanText.default(true).meta({
    override: { type: 'boolean', enum: [true, false], default: true },
    description: 'Whether the greatest come first.',
  }),
  first,
  limit,
});

export type ProfileListQuery = z.output<typeof profileListQuery>;

export const profileParams = z.object({
  id: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be the id of a profile: a UUID')
    .transform((id) => id.toLowerCase())
    .meta({ override: { type: 'string', format: 'uuid' } }),
});

export const profile = z
  .strictObject({
    id: z.guid(),
    updatedAt: z.string().meta({ description: 'When one of its identities was updated last.' }),
    attributes: attributesJson,
  })
  .meta({ id: 'Profile' });

export type ProfileAnswer = z.infer<typeof profile>;

export const profileList = z.strictObject({
  profiles: z.array(profile),
  schema: schemaJson,
  total: z.int().min(0).meta({ description: 'How many profiles pass the filter.' }),
});

export const profileIdentitiesQuery = z.object({ first, limit });
