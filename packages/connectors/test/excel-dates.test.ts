import ExcelJS from 'exceljs';
import { describe, expect, it } from 'vitest';
import { excel } from '../src/excel/excel.js';
import { classifyFormat } from '../src/excel/number-format.js';
import { textRow, type WorkbookParts, workbookFile } from './fixtures/excel/workbook-file.js';
import { contentOf, readFile } from './read-format.js';

const STYLES = `<numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="d/m/yy\\ h:mm;@"/><numFmt numFmtId="166" formatCode="0.00&quot; days&quot;"/></numFmts>
  <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
  <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="21"/><xf numFmtId="46"/><xf numFmtId="166"/><xf numFmtId="14"/><xf numFmtId="22"/><xf/></cellXfs>`;
const [PLAIN, DATE, DATETIME, TIME, DURATION, DAYS, SHORT_DATE, SHORT_DATETIME] = [0, 1, 2, 3, 4, 5, 6, 7];

async function cellValue(cell: string, settings: unknown, workbook: WorkbookParts = {}): Promise<unknown> {
  const file = await workbookFile({ styles: STYLES, ...workbook, rows: `${textRow('a')}<row>${cell}</row>` });
  const { rows } = await readFile(excel.open(settings), contentOf(file), { sheet: 'users' });
  return rows[0]?.[0];
}

describe('a date of a sheet', () => {
  it.each(['{}', '{"dates":"serial"}'])('is the number that the file has with settings %s', async (settings) => {
    expect(await cellValue(`<c s="${DATE}"><v>45000.5</v></c>`, JSON.parse(settings))).toBe('45000.5');
  });

  it.each([
    [DATE, '45000', '2023-03-15'],
    [DATE, '45000.5', '2023-03-15'],
    [SHORT_DATE, '1', '1900-01-01'],
    [DATE, '59', '1900-02-28'],
    [DATE, '60', '60'],
    [DATE, '60.5', '60.5'],
    [DATE, '61', '1900-03-01'],
    [DATE, '0', '0'],
    [DATE, '-1', '-1'],
    [DATE, '2958465', '9999-12-31'],
    [DATE, '2958466', '2958466'],
    [DATE, '1E+300', '1E+300'],
    [DATETIME, '45000', '2023-03-15 00:00:00'],
    [DATETIME, '45000.5', '2023-03-15 12:00:00'],
    [SHORT_DATETIME, '45244.914351851854', '2023-11-14 21:56:40'],
    [DATETIME, '45000.0000000116', '2023-03-15 00:00:00.001'],
    [DATETIME, '45000.999999999', '2023-03-16 00:00:00'],
    [DATETIME, '0.5', '0.5'],
    [TIME, '0.333333333333333', '08:00:00'],
    [TIME, '45000.75', '18:00:00'],
    [TIME, '0.999999999999', '00:00:00'],
    [TIME, '1E+999', '1E+999'],
    [DURATION, '1E+999', '1E+999'],
    [DURATION, '1.0625', '25:30:00'],
    [PLAIN, '45000.5', '45000.5'],
    [DAYS, '12.5', '12.5'],
    [8, '45000', '45000'],
    [99, '45000', '45000'],
  ])('with style %s and number %s is %s as iso', async (style, number, expected) => {
    expect(await cellValue(`<c s="${style}"><v>${number}</v></c>`, { dates: 'iso' })).toBe(expected);
  });

  it.each([
    [DATE, '0', '1904-01-01'],
    [DATE, '60', '1904-03-01'],
    [DATETIME, '43538.5', '2023-03-15 12:00:00'],
    [DATE, '2957003', '9999-12-31'],
    [DATE, '2957004', '2957004'],
  ])('with style %s and number %s is %s where days count from 1904', async (style, number, expected) => {
    expect(await cellValue(`<c s="${style}"><v>${number}</v></c>`, { dates: 'iso' }, { date1904: true })).toBe(
      expected,
    );
  });

  it.each([
    [DATE, '2024-01-31T00:00:00', '2024-01-31'],
    [DATETIME, '2024-01-31T12:00:00.500Z', '2024-01-31 12:00:00.500'],
    [TIME, '2024-01-31T12:00:00.000', '12:00:00'],
    [PLAIN, '2024-01-31T12:00:00', '2024-01-31 12:00:00'],
    [PLAIN, '2024-01-31', '2024-01-31'],
    [PLAIN, 'tomorrow', 'tomorrow'],
  ])('with style %s that is written as %s is %s as iso', async (style, text, expected) => {
    expect(await cellValue(`<c s="${style}" t="d"><v>${text}</v></c>`, { dates: 'iso' })).toBe(expected);
  });

  it('is read as the result of a formula, and text that looks like a number is not', async () => {
    expect(await cellValue(`<c s="${DATE}"><f>TODAY()</f><v>45000</v></c>`, { dates: 'iso' })).toBe('2023-03-15');
    expect(await cellValue(`<c s="${DATE}" t="str"><v>45000</v></c>`, { dates: 'iso' })).toBe('45000');
    expect(await cellValue(`<c s="${DATE}" t="e"><v>#VALUE!</v></c>`, { dates: 'iso' })).toBe('#VALUE!');
  });

  it('is a number where the workbook has no styles', async () => {
    const file = await workbookFile({ rows: `${textRow('a')}<row><c s="1"><v>45000</v></c></row>` });
    const { rows } = await readFile(excel.open({ dates: 'iso' }), contentOf(file), { sheet: 'Users' });
    expect(rows).toEqual([['45000']]);
  });

  it.each([false, true])('that another program wrote is the same one (1904: %s)', async (date1904) => {
    const workbook = new ExcelJS.Workbook();
    workbook.properties.date1904 = date1904;
    const sheet = workbook.addWorksheet('Users');
    sheet.addRow(['date', 'datetime', 'time', 'number']);
    const at = new Date('2024-02-29T13:14:15.250Z');
    const row = sheet.addRow([at, at, at, 12.5]);
    for (const [index, format] of ['dd/mm/yyyy', 'yyyy-mm-dd hh:mm:ss', 'h:mm:ss AM/PM', '#,##0.00'].entries()) {
      row.getCell(index + 1).numFmt = format;
    }
    const file = new Uint8Array(await workbook.xlsx.writeBuffer());
    const { rows } = await readFile(excel.open({ dates: 'iso' }), contentOf(file), { sheet: 'Users' });
    expect(rows).toEqual([['2024-02-29', '2024-02-29 13:14:15.250', '13:14:15.250', '12.5']]);
  });
});

describe('the code of a number format', () => {
  it.each([
    ['General', null],
    ['0.00', null],
    ['0.00E+00', null],
    ['#,##0.00;[Red]-#,##0.00', null],
    ['0" days"', null],
    ['0\\d', null],
    ['_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', null],
    ['@', null],
    ['[$-409]General', null],
    ['[Black]0.0', null],
    ['[$USD] 0.00', null],
    ['yyyy-mm-dd', 'date'],
    ['mmm', 'date'],
    ['mm', 'date'],
    ['[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy', 'date'],
    ['d"."m"."yyyy', 'date'],
    ['h:mm', 'time'],
    ['mm:ss.0', 'time'],
    ['[$-F400]h:mm:ss\\ AM/PM', 'time'],
    ['m/d/yy h:mm', 'datetime'],
    ['mmm h', 'datetime'],
    ['[h]:mm:ss', 'duration'],
    ['[mm]:ss', 'duration'],
    ['0;yyyy', null],
    ['['.repeat(5_000_000), null],
  ])('%.40s shows %s', (code, expected) => {
    expect(classifyFormat(code)).toBe(expected);
  });
});
