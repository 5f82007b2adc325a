import { ERRORS, type ErrorCode } from '@penstock/domain';
import { z } from 'zod';

const place = {
  line: z.int().meta({ description: 'From 1.' }),
  column: z.int().meta({ description: 'From 1, in characters.' }),
  offset: z.int().meta({ description: 'From 0, in UTF-16 units.' }),
  length: z.int().meta({ description: 'In UTF-16 units.' }),
  excerpt: z.string().meta({ description: 'The line around the place, and carets below the place.' }),
};

/** Something that is wrong with an expression, and where in its text. */
export const expressionFinding = z.strictObject({ message: z.string(), ...place });

const detail = z.object({
  path: z.string(),
  message: z.string(),
  position: z
    .strictObject(place)
    .optional()
    .meta({ description: 'Where in the text at `path`, if that is an expression.' }),
});

/** The body of every answer that is not a success. */
export const errorBody = z
  .strictObject({
    error: z.strictObject({
      code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      requestId: z.string(),
      details: z
        .union([z.array(detail), z.record(z.string(), z.unknown())])
        .optional()
        .meta({
          description: 'Findings of a request that is not valid, each with its path; or facts, such as the live run.',
        }),
    }),
  })
  .meta({ id: 'Error' });

export type ErrorBody = z.infer<typeof errorBody>;
