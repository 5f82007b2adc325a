import { z } from 'zod';
import { MAX_FILE_COLUMNS } from '../files/limits.js';

const MAX_SKIPPED = 1_000;

/** A character with a role: one UTF-16 unit that cannot be half of a character, a line break or a sign of broken text. */
const ROLE = /^[^\0\r\n\uD800-\uDFFF\uFFFD\uFEFF]$/;
const roleError = 'must be one character, and not a line break, NUL or U+FFFD';
const role = z.string().regex(ROLE, roleError);
const optionalRole = z.string().refine((text) => text === '' || ROLE.test(text), `${roleError}, or be empty`);

export const csvSettings = z
  .strictObject({
    separator: role.default(',').meta({ description: 'Character between the fields of a record.' }),
    quote: optionalRole.default('"').meta({
      description: 'Character around fields; within a field it is doubled. Empty: quotes have no meaning.',
    }),
    hasColumnNames: z.boolean().default(true).meta({
      description: 'Whether the first record holds the names of the columns. Otherwise they are A, B, C and so on.',
    }),
    numberOfColumns: z.int().min(0).max(MAX_FILE_COLUMNS).default(0).meta({
      description: 'Number of fields that every record has, at most 2,000; 0: as many as the first record.',
    }),
    trimLeadingSpace: z.boolean().default(false).meta({
      description: 'Whether spaces and tabs at the beginning of a field are left out.',
    }),
    lazyQuotes: z
      .boolean()
      .default(false)
      .meta({
        description:
          'Whether a quote within a field that is not quoted, or one that is not doubled within a quoted field, is taken as it ' +
          'stands. Otherwise such a record fails.',
      }),
    encoding: z
      .string()
      .max(50)
      .refine(isEncoding, 'must be the name of an encoding, such as utf-8')
      .default('utf-8')
      .meta({
        description:
          'Encoding of the text: utf-8, utf-16le, windows-1252, iso-8859-1, shift_jis or another of the WHATWG Encoding ' +
          'Standard. A byte order mark of UTF-8 or UTF-16 in the file decides over it.',
      }),
    comment: optionalRole.default('').meta({
      description: 'Character that begins a line to be skipped. Empty: there are no such lines.',
    }),
    skipRows: z.int().min(0).max(MAX_SKIPPED).default(0).meta({
      description:
        'Number of lines at the beginning of the file that are skipped, before the column names; at most 1,000.',
    }),
  })
  .refine(({ separator, quote }) => separator !== quote, { path: ['quote'], message: 'must differ from separator' })
  .refine(({ comment, separator, quote }) => comment === '' || (comment !== separator && comment !== quote), {
    path: ['comment'],
    message: 'must differ from separator and quote',
  })
  .refine(({ separator, trimLeadingSpace }) => !(trimLeadingSpace && separator === ' '), {
    path: ['trimLeadingSpace'],
    message: 'cannot be used with a space as separator',
  });

/** Of files that are written: a record of column names always comes first. */
export const csvWriteSettings = z
  .strictObject({
    separator: role.default(',').meta({ description: 'Character between the fields of a record.' }),
    quote: optionalRole.default('"').meta({
      description:
        'Character around the fields that need it; within a field it is doubled. Empty: there are no quotes, and a value that needs them ends the run.',
    }),
    useCRLF: z.boolean().default(false).meta({
      description: 'Whether lines end with CR and LF, as RFC 4180 has it, instead of LF.',
    }),
  })
  .refine(({ separator, quote }) => separator !== quote, { path: ['quote'], message: 'must differ from separator' });

export type CsvWriteSettings = z.output<typeof csvWriteSettings>;

export type CsvSettings = z.output<typeof csvSettings>;

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}
