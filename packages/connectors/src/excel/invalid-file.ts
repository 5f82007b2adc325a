import { AppError } from '@penstock/domain';

/** The parts of a workbook that are read, as messages name them. */
export type PartName =
  | 'list of parts'
  | 'workbook'
  | 'sheet'
  | 'part with the shared strings'
  | 'part with the styles'
  | 'part with the relationships';

const REPAIR = 'transfer it again, or open it in Excel and save it anew';

/** A file that is no workbook or is not one that can be read. The message says what it is and what to do. */
export function invalidFile(message: string, cause?: unknown): AppError {
  return new AppError('InvalidFile', { message, ...(cause === undefined ? {} : { cause }) });
}

/** A workbook of which a part cannot be decompressed, is cut off, or is not what was written. */
export function corruptPart(part: PartName, problem: string, cause?: unknown): AppError {
  return invalidFile(`the file is corrupt: its ${part} ${problem}; ${REPAIR}`, cause);
}

/** A workbook with a row that is not what a workbook has there. */
export function corruptRow(row: number, problem: string): AppError {
  return invalidFile(`the file is corrupt: row ${row} of the sheet ${problem}; ${REPAIR}`);
}

/** A workbook with a part that would take too much. */
export function tooLarge(part: PartName, limit: string): AppError {
  return invalidFile(
    `the file cannot be read: its ${part} has more than ${limit}; save the sheet as CSV, or divide it`,
  );
}
