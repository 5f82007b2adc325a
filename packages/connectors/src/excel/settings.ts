import { z } from 'zod';

const MAX_SKIPPED_ROWS = 1_000;

export const excelSettings = z.strictObject({
  hasColumnNames: z.boolean().default(true).meta({
    description:
      'Whether the first row has the names of the columns. Without them columns are named A, B, C and so on.',
  }),
  dates: z.enum(['serial', 'iso']).default('serial').meta({
    description:
      'How dates and times are read. serial: as the number of days that Excel stores, such as 45000.5. iso: as text such as 2023-03-15, 2023-03-15 12:00:00 or 12:00:00, where the format of the cell shows a date or a time.',
  }),
  skipRows: z.int().min(0).max(MAX_SKIPPED_ROWS).default(0).meta({
    description: 'Number of rows at the top of the sheet that are not read, such as titles; at most 1,000.',
  }),
});

export type ExcelSettings = z.output<typeof excelSettings>;

/** There is nothing to choose: what is written says itself what it is. */
export const excelWriteSettings = z.strictObject({});
