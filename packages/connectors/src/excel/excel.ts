import { defineFileFormat } from '../connector.js';
import type { FileContent } from '../files/file-format.js';
import { Archive } from './archive.js';
import { openSheet } from './open-sheet.js';
import { excelSettings, excelWriteSettings } from './settings.js';
import { readWorkbook } from './workbook.js';
import { WorkbookWriter } from './workbook-writer.js';

/** Workbooks of Excel (.xlsx): a sheet is read row by row, every value as text, and written with typed cells. */
export const excel = defineFileFormat({
  code: 'excel',
  label: 'Excel',
  extension: 'xlsx',
  hasSheets: true,
  columnType: { kind: 'string' },
  settingsSchema: excelSettings,
  writeSettingsSchema: excelWriteSettings,
  open: (settings) => ({
    open: (content, request, signal) => openSheet({ settings, content, request }, signal),
    sheets: listSheets,
  }),
  openForWriting: () => ({
    contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    open: (out, request) => new WorkbookWriter(out, request),
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
