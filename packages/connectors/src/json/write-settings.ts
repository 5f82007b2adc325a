import { z } from 'zod';

export const jsonWriteSettings = z
  .strictObject({
    form: z.enum(['records', 'array', 'lines']).default('records').meta({
      description:
        'How records follow each other. records: {"records": [...]}. array: [...]. lines: an object in each line, as in JSON Lines.',
    }),
    indent: z.boolean().default(false).meta({
      description: 'Whether the file is indented to be read by people.',
    }),
    generateASCII: z.boolean().default(false).meta({
      description: 'Whether characters beyond ASCII are written as escapes, such as \\u00e9.',
    }),
    allowSpecialFloats: z.boolean().default(false).meta({
      description:
        'Whether NaN, Infinity and -Infinity are written as they are, which is not JSON. Otherwise they are null.',
    }),
  })
  .refine(({ form, indent }) => !(indent && form === 'lines'), {
    path: ['indent'],
    message: 'cannot be used with lines',
  });

export type JsonWriteSettings = z.output<typeof jsonWriteSettings>;
