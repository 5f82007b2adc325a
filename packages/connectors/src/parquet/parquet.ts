import { z } from 'zod';
import { defineFileFormat } from '../connector.js';
import type { FileFormat } from '../files/file-format.js';
import { readFooter } from './footer.js';
import { ParquetReader } from './parquet-reader.js';
import { planColumns } from './plan-columns.js';

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
  extension: 'parquet',
  hasSheets: false,
  open: () => PARQUET,
});
