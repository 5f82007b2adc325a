import { defineFileFormat } from '../connector.js';
import { openCsv } from './open-csv.js';
import { csvSettings } from './settings.js';

export const csv = defineFileFormat({
  code: 'csv',
  label: 'CSV',
  settingsSchema: csvSettings,
  extension: 'csv',
  hasSheets: false,
  columnType: { kind: 'string' },
  open: (settings) => ({ open: (content, _request, signal) => openCsv(settings, content, signal) }),
});
