import { FUNCTION_LANGUAGES } from '@penstock/language';
import { z } from 'zod';
import { optionalBoolean, text } from './wire-values.js';

const MAX_SOURCE_CHARACTERS = 50_000;
const MAX_FUNCTION_PATHS = 1_000;

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
    mapping: z.record(z.string(), z.string()).nullish().meta({ description: 'Path of outSchema to expression.' }),
    function: functionMembers.nullish(),
  })
  .meta({ description: 'Exactly one of mapping and function; the other is left out or null.' });

/** A transformation as it is shown: both members are there, one of them null. */
export const transformationAnswer = z.strictObject({
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
});

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
