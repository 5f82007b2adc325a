import { z } from 'zod';
import { expressionFinding } from './errors.js';
import { filterJson, transformationJson } from './transformations.js';
import { schemaJson } from './workspaces.js';

/** Records that a preview takes. */
const MAX_RECORDS = 1_000;

const records = z
  .array(z.unknown())
  .max(MAX_RECORDS)
  .meta({
    override: { type: 'array', maxItems: MAX_RECORDS, items: { type: 'object' } },
    description:
      'Objects with the properties of the schema: integers of 64 bits as text, times in ISO 8601; null where a property is nullable.',
  });

const purpose = z
  .enum(['Import', 'Create', 'Update'])
  .nullish()
  .transform((value) => value ?? 'Import')
  .meta({ default: 'Import', description: 'What the results are for: it decides which properties they must have.' });

export const transformationPreviewBody = z.object({
  inSchema: schemaJson,
  outSchema: schemaJson,
  transformation: transformationJson,
  records,
  purpose,
});

const transformed = z.union([
  z.strictObject({ output: z.record(z.string(), z.unknown()) }),
  z.strictObject({
    error: z.strictObject({ step: z.enum(['Transformation', 'OutputValidation']), message: z.string() }),
  }),
]);

export const transformationPreviewAnswer = z.strictObject({
  results: z.array(transformed).meta({ description: 'One for each record, in their order.' }),
});

export type TransformationPreview = z.infer<typeof transformationPreviewAnswer>;

export const filterPreviewBody = z.object({ schema: schemaJson, filter: filterJson, records });

export const filterPreviewAnswer = z.strictObject({
  results: z.array(z.boolean()).meta({ description: 'For each record whether it passes, in their order.' }),
});

export const expressionCheckBody = z.object({
  inSchema: schemaJson,
  expression: z.string(),
  outType: z
    .looseObject({ kind: z.string() })
    .nullish()
    .meta({ description: 'The type that the expression has to be convertible to; any without it.' }),
});

export const expressionCheckAnswer = z.strictObject({
  properties: z.array(z.string()).meta({ description: 'Paths of the properties that it reads.' }),
  type: z.looseObject({ kind: z.string() }).nullable().meta({ description: 'null when it has none, or has errors.' }),
  errors: z.array(expressionFinding),
});

export type ExpressionCheck = z.infer<typeof expressionCheckAnswer>;
