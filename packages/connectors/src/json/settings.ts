import { isPropertyName } from '@penstock/language';
import { z } from 'zod';
import { MAX_FILE_COLUMNS } from '../files/limits.js';

const MAX_NAME_LENGTH = 255;

const property = z.strictObject({
  key: z
    .string()
    .max(MAX_NAME_LENGTH)
    .refine(isPropertyName, 'must be a property name: a letter or _, then letters, digits and _')
    .meta({ description: 'Name of the property.' }),
  value: z.union([z.boolean(), z.enum(['t', 'f'])], 'must be true, false, "t" or "f"').meta({
    description: 'Whether every record must have the property: true or "t"; otherwise false or "f".',
  }),
});

export const jsonSettings = z.strictObject({
  properties: z
    .array(property)
    .min(1)
    .max(MAX_FILE_COLUMNS)
    .refine(isUnique, 'must not name a property twice')
    .optional()
    .meta({
      description:
        'Properties of the records that are read. Without it: those that the pipeline was defined with; in a preview, those that ' +
        'the first records have.',
    }),
});

export type JsonSettings = z.output<typeof jsonSettings>;

function isUnique(properties: readonly z.output<typeof property>[]): boolean {
  return new Set(properties.map(({ key }) => key)).size === properties.length;
}
