import { z } from 'zod';
import { SECRET } from '../settings.js';
import { httpMembers, needsTlsForCa } from './settings.js';

/** As those of reading, in the words of writing. */
export const httpPostSettings = z
  .strictObject({
    ...httpMembers,
    tls: z.boolean().default(true).meta({
      description:
        'Whether files are sent by https. Without it everything, headers too, can be seen and changed on the way.',
    }),
    headers: httpMembers.headers.meta({
      description: 'Headers to send with every request, for example Authorization.',
      ...SECRET,
    }),
  })
  .refine(...needsTlsForCa);
