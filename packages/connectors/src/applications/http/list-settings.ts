import { z } from 'zod';
import { settingText } from '../../settings.js';
import { isJsonPointer } from '../json-pointer.js';

/** A path below the base address; `{id}` is an identifier. */
export const pathTemplate = settingText(2_000)
  .startsWith('/', 'must begin with /')
  .refine(
    (path) => /^[\x21-\x7e]*$/.test(path) && !/[#\\]/.test(path),
    'must be the path of an address, without # and \\',
  );

const pointer = z.string().max(1_000).refine(isJsonPointer, 'must be a JSON pointer such as /data/users');
const parameter = z.string().regex(/^[A-Za-z0-9_.[\]-]{1,100}$/, 'must be the name of a parameter of the query');

/** How users are listed. */
export const listSettings = z
  .strictObject({
    path: pathTemplate.meta({ description: 'Path of the list below baseUrl.' }),
    usersPointer: pointer.default('').meta({ description: 'JSON pointer to the array of users in an answer.' }),
    idPointer: pointer.default('/id').meta({ description: 'JSON pointer to the identifier in a user.' }),
    updatedAtPointer: pointer.optional().meta({ description: 'JSON pointer to the update time in a user.' }),
    paging: z.enum(['none', 'cursor', 'page', 'link']).default('none').meta({
      description:
        'none, cursor: an answer has the cursor of the next page, page: pages have numbers, link: header Link.',
    }),
    cursorPointer: pointer.optional().meta({ description: 'JSON pointer to the cursor of the next page.' }),
    parameter: parameter
      .optional()
      .meta({ description: 'Parameter of the query for the cursor, or the number of the page.' }),
    firstPage: z.int().min(0).max(1).default(1).meta({ description: 'Number of the first page.' }),
    updatedAfterParameter: parameter.optional().meta({
      description: 'Parameter of the query for the time from which on users were updated, as in 2025-01-31T12:00:00Z.',
    }),
  })
  .refine(({ paging, parameter: name }) => !['cursor', 'page'].includes(paging) || name !== undefined, {
    path: ['parameter'],
    message: 'is required with paging cursor and page',
  })
  .refine(({ paging, cursorPointer }) => paging !== 'cursor' || cursorPointer !== undefined, {
    path: ['cursorPointer'],
    message: 'is required with paging cursor',
  })
  .optional()
  .meta({ description: 'How users are listed: where they are in an answer, and how the next page is asked for.' });

export type ListSettings = NonNullable<z.output<typeof listSettings>>;
