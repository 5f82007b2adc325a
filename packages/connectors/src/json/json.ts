import { defineFileFormat } from '../connector.js';
import { TextWriter } from '../files/text-writer.js';
import { JsonText } from './json-text.js';
import { openJson } from './open-json.js';
import { jsonSettings } from './settings.js';
import { jsonWriteSettings } from './write-settings.js';

/** JSON in UTF-8: an array of objects, an object whose only property is one, or objects that follow each other (JSON Lines). */
export const json = defineFileFormat({
  code: 'json',
  label: 'JSON',
  extension: 'json',
  hasSheets: false,
  columnType: { kind: 'json' },
  settingsSchema: jsonSettings,
  writeSettingsSchema: jsonWriteSettings,
  open: (settings) => ({
    open: (content, { expected }, signal) => openJson(content, { settings, expected }, signal),
  }),
  openForWriting: (settings) => ({
    contentType: settings.form === 'lines' ? 'application/x-ndjson; charset=utf-8' : 'application/json; charset=utf-8',
    open: (out, { columns }) => new TextWriter(out, new JsonText(settings, columns)),
  }),
});
