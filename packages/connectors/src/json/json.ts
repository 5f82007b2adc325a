import { defineFileFormat } from '../connector.js';
import { openJson } from './open-json.js';
import { jsonSettings } from './settings.js';

/** JSON in UTF-8: an array of objects, an object whose only property is one, or objects that follow each other (JSON Lines). */
export const json = defineFileFormat({
  code: 'json',
  label: 'JSON',
  extension: 'json',
  hasSheets: false,
  columnType: { kind: 'json' },
  settingsSchema: jsonSettings,
  open: (settings) => ({
    open: (content, { expected }, signal) => openJson(content, { settings, expected }, signal),
  }),
});
