import { defineFileFormat } from '../connector.js';
import { TextWriter } from '../files/text-writer.js';
import { CsvText } from './csv-text.js';
import { openCsv } from './open-csv.js';
import { csvSettings, csvWriteSettings } from './settings.js';

export const csv = defineFileFormat({
  code: 'csv',
  label: 'CSV',
  settingsSchema: csvSettings,
  writeSettingsSchema: csvWriteSettings,
  extension: 'csv',
  hasSheets: false,
  columnType: { kind: 'string' },
  open: (settings) => ({ open: (content, _request, signal) => openCsv(settings, content, signal) }),
  openForWriting: (settings) => ({
    contentType: 'text/csv; charset=utf-8',
    open: (out, { columns }) => new TextWriter(out, new CsvText(settings, columns)),
  }),
});
