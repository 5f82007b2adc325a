import { parquetWriteBuffer } from 'hyparquet-writer';
import { parquet } from '../src/parquet/parquet.js';
import { formatConformance } from './format-conformance.js';

formatConformance('parquet', {
  format: parquet.open({}),
  sheet: null,
  expected: {
    kind: 'object',
    properties: [
      { name: 'n', type: { kind: 'int', bitSize: 32, unsigned: false }, description: '' },
      { name: 'label', type: { kind: 'string' }, description: '' },
    ],
  },
  file: async (records) => {
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'n', data: records.map(([n]) => Number(n)), type: 'INT32' },
        { name: 'label', data: records.map(([, label]) => label), type: 'STRING' },
      ],
      rowGroupSize: 5_000,
    });
    return new Uint8Array(bytes);
  },
});
