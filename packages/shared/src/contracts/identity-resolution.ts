import { z } from 'zod';
import { optionalBoolean, timestamp } from './wire-values.js';

const operationId = z.int().min(1);

export const startResolutionBody = z.object({
  full: optionalBoolean.meta({
    description: 'Resolves all identities anew, not only those that changed. It repairs profiles that miss changes.',
    default: false,
  }),
});

export const requestedResolution = z.strictObject({ id: operationId });

const count = (description: string) => z.int().min(0).nullable().meta({ description });

export const latestResolution = z
  .strictObject({
    id: operationId.nullable().meta({
      description:
        'The id that was answered, or a greater one, with which it became one; null: none was ever asked for.',
    }),
    startTime: timestamp.nullable().meta({ description: 'null until it begins.' }),
    endTime: timestamp.nullable().meta({ description: 'null while it waits or is under way.' }),
    error: z.string().nullable().meta({ description: 'Why it failed, or why it has to be tried again.' }),
    resolved: count('Identities that were resolved: those that had changed, and who is connected to them.'),
    added: count('New profiles.'),
    changed: count('Profiles that changed.'),
    removed: count('Profiles that are no more.'),
    profiles: count('Profiles afterwards.'),
    queued: z.boolean().meta({ description: 'Whether it waits for its turn.' }),
  })
  .meta({ id: 'IdentityResolution' });

export type LatestResolution = z.infer<typeof latestResolution>;

/** More would be more than anybody can reason about, and each is an index. */
const MAX_IDENTIFIERS = 10;

const identifiers = z
  .array(z.string())
  .max(MAX_IDENTIFIERS)
  .superRefine((paths, context) => {
    for (const [index, path] of paths.entries()) {
      if (paths.indexOf(path) === index) continue;
      context.addIssue({ code: 'custom', message: 'must not be repeated', path: [index] });
    }
  })
  .meta({ description: 'Paths of the properties that identities are matched by, the most important first.' });

export const resolutionSettings = z
  .object({
    runOnBatchImport: z.boolean().meta({ description: 'Whether identities are resolved after each import.' }),
    identifiers,
  })
  .meta({ id: 'IdentityResolutionSettings' });
