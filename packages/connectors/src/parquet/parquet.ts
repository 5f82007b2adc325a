import { z } from 'zod';
import { defineFileFormat } from '../connector.js';
import type { FileFormat } from '../files/file-format.js';
import { readFooter } from './footer.js';
import { ParquetReader } from './parquet-reader.js';
import { ParquetWriter } from './parquet-writer.js';
import { planColumns } from './plan-columns.js';
import { parquetWriteSettings } from './write-settings.js';

const PARQUET: FileFormat = {
  open: async (content, request, signal) => {
    signal.throwIfAborted();
    const file = await content.local();
    const footer = await readFooter(file);
    signal.throwIfAborted();
    return new ParquetReader(file, footer, planColumns(footer.schema, request.expected), signal);
  },
};

/** Files of Apache Parquet. They say themselves which columns they have, and of which types. */
export const parquet = defineFileFormat({
  code: 'parquet',
  label: 'Parquet',
  settingsSchema: z.strictObject({}),
  writeSettingsSchema: parquetWriteSettings,
  extension: 'parquet',
  hasSheets: false,
  open: () => PARQUET,
  openForWriting: ({ compression }) => ({
    contentType: 'application/vnd.apache.parquet',
    open: (out, request) => new ParquetWriter(out, request, compression),
  }),
});
