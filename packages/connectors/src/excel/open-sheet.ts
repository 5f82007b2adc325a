import type { FileContent, FileReader, FormatRequest } from '../files/file-format.js';
import { MAX_FILE_COLUMNS } from '../files/limits.js';
import { Archive } from './archive.js';
import { readColumn } from './cell-scanner.js';
import { ElementFrames } from './element-frames.js';
import { FramedPart } from './framed-part.js';
import { corruptRow, invalidFile } from './invalid-file.js';
import { MAX_SHEET_BYTES } from './limits.js';
import { readValues } from './record-parser.js';
import type { ExcelSettings } from './settings.js';
import { readSharedStrings } from './shared-strings.js';
import { namedColumns, type SheetColumns, unnamedColumns } from './sheet-columns.js';
import { SheetReader } from './sheet-reader.js';
import { SheetRows } from './sheet-rows.js';
import { readStyles } from './styles.js';
import { findSheet, readWorkbook } from './workbook.js';

/** A sheet that is being read. */
export interface OpenedSheet {
  /** As the workbook writes it. */
  readonly name: string;
  readonly rows: SheetRows;
  readonly signal: AbortSignal;
  /** Number of columns that the sheet itself says it uses; 0 where it does not. It may be wrong. */
  readonly saidColumns: () => number;
  /** Idempotent. */
  close(): void;
}

interface SheetRequest {
  readonly settings: ExcelSettings;
  readonly content: FileContent;
  readonly request: FormatRequest;
}

/** Opens a sheet up to its columns. Contract as `open` of a file format. */
export async function openSheet(sheet: SheetRequest, signal: AbortSignal): Promise<FileReader> {
  signal.throwIfAborted();
  const archive = await Archive.open(await sheet.content.local(), signal);
  try {
    const opened = await beginSheet(archive, sheet, signal);
    try {
      return new SheetReader(opened, await readColumns(opened, sheet));
    } catch (error) {
      opened.close();
      throw error;
    }
  } catch (error) {
    archive.close();
    signal.throwIfAborted();
    throw error;
  }
}

async function beginSheet(
  archive: Archive,
  { settings, request }: SheetRequest,
  signal: AbortSignal,
): Promise<OpenedSheet> {
  const workbook = await readWorkbook(archive, signal);
  const { name, path } = findSheet(workbook, request.sheet);
  const wantsDates = settings.dates === 'iso' && workbook.styles !== null;
  const context = {
    strings: await readSharedStrings(archive, workbook.sharedStrings, signal),
    styles: wantsDates ? await readStyles(archive, workbook.styles, signal) : null,
    date1904: workbook.date1904,
  };
  const stream = await archive.open({ path, name: 'sheet', maxBytes: MAX_SHEET_BYTES }, signal);
  let saidColumns = 0;
  const visit = (tag: string, prefix: string): void => {
    if (tag.startsWith(`<${prefix}dimension `)) saidColumns = dimensionColumns(tag);
  };
  const frames = new ElementFrames({ root: 'worksheet', list: 'sheetData', item: 'row', visit });
  const close = (): void => {
    stream.destroy();
    archive.close();
  };
  const rows = new SheetRows(new FramedPart(stream, frames, 'sheet'), context);
  return { name, rows, signal, saidColumns: () => saidColumns, close };
}

async function readColumns(
  { name: sheetName, rows, saidColumns }: OpenedSheet,
  { settings, request: { expected } }: SheetRequest,
): Promise<SheetColumns> {
  const values = await firstValues(rows, settings.skipRows);
  if (settings.hasColumnNames) return namedColumns(values, { sheetName, expected });
  rows.hold();
  const said = saidColumns();
  return unnamedColumns(Math.max(values.length, said > MAX_FILE_COLUMNS ? 0 : said), { sheetName, expected });
}

/** The values of the first row that has any; none where there is no such row. */
async function firstValues(rows: SheetRows, skipped: number): Promise<readonly string[]> {
  do {
    for (let row = rows.next(); row !== null; row = rows.next()) {
      if (row.number <= skipped) continue;
      if (row.failure !== null) throw corruptRow(row.number, 'cannot be read, and it says which columns there are');
      const values = rows.parse(row.number, () => readValues(rows.cells));
      if (!Array.isArray(values))
        throw invalidFile(`row ${row.number} of the sheet says which columns there are, and it is larger than 16 MiB`);
      if (values.length > 0) return values;
    }
  } while (await rows.more());
  return [];
}

function dimensionColumns(tag: string): number {
  const [, last = ''] = /\sref=["'][A-Z]+[0-9]+:([A-Z]{1,3}[0-9]+)["']/.exec(tag) ?? [];
  return last === '' ? 0 : readColumn(last, 0, last.length) + 1;
}
