import ExcelJS from 'exceljs';
import { excel } from '../src/excel/excel.js';
import { formatConformance } from './format-conformance.js';

const SHEET = 'Users';

formatConformance('excel', {
  format: excel.open({ hasColumnNames: true }),
  sheet: SHEET,
  expected: {
    kind: 'object',
    properties: ['n', 'label'].map((name) => ({ name, type: { kind: 'string' }, description: '' })),
  },
  file: async (records) => {
    const workbook = new ExcelJS.Workbook();
    workbook.addWorksheet('Other').addRow(['x']);
    workbook.addWorksheet(SHEET).addRows([['n', 'label'], ...records.map(([n, label]) => [Number(n), label])]);
    return Buffer.from(await workbook.xlsx.writeBuffer());
  },
});
