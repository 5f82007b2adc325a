import { defineFileFormat } from '../connector.js';
import type { FileContent } from '../files/file-format.js';
import { Archive } from './archive.js';
import { openSheet } from './open-sheet.js';
import { excelSettings } from './settings.js';
import { readWorkbook } from './workbook.js';

/** Workbooks of Excel (.xlsx): a sheet is read row by row, every value as text. */
export const excel = defineFileFormat({
  code: 'excel',
  label: 'Excel',
  extension: 'xlsx',
  hasSheets: true,
  columnType: { kind: 'string' },
  settingsSchema: excelSettings,
  open: (settings) => ({
    open: (content, request, signal) => openSheet({ settings, content, request }, signal),
    sheets: listSheets,
  }),
});

async function listSheets(content: FileContent, signal: AbortSignal): Promise<readonly string[]> {
  signal.throwIfAborted();
  const archive = await Archive.open(await content.local(), signal);
  try {
    return (await readWorkbook(archive, signal)).sheets.map(({ name }) => name);
  } finally {
    archive.close();
  }
}
