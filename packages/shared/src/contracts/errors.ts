import { ERRORS, type ErrorCode } from '@penstock/domain';
import { z } from 'zod';

const detail = z.object({ path: z.string(), message: z.string() });

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
