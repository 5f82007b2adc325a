import { AppError } from '@penstock/domain';
import ExcelJS from 'exceljs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excel } from '../src/excel/excel.js';
import { relationship, sheetXml, textRow, type WorkbookParts, workbookFile } from './fixtures/excel/workbook-file.js';
import { contentOf, readFile } from './read-format.js';
import { rejection, unhurried } from './read-source.js';

const TWO: WorkbookParts = {
  rows: `${textRow('a')}${textRow('first')}`,
  sheets:
    '<sheet name="Users" sheetId="7" r:id="rId1"/><sheet name="Città &amp; più" sheetId="2" state="hidden" r:id="rId2"/>',
  relationships: relationship('rId2', 'worksheet', '/xl/worksheets/other.xml'),
  parts: { 'xl/worksheets/other.xml': sheetXml(`${textRow('b')}${textRow('second')}`) },
};

async function sheetsOf(workbook: WorkbookParts): Promise<readonly string[] | undefined> {
  return await excel.open({}).sheets?.(contentOf(await workbookFile(workbook)), unhurried());
}

describe('the sheets of a workbook', () => {
  it('are listed in their order, hidden ones too', async () => {
    expect(await sheetsOf(TWO)).toEqual(['Users', 'Città & più']);
  });

  it('are found whatever the upper and lower case of their names', async () => {
    const content = async () => contentOf(await workbookFile(TWO));
    expect((await readFile(excel.open({}), await content(), { sheet: 'USERS' })).rows).toEqual([['first']]);
    expect((await readFile(excel.open({}), await content(), { sheet: 'CITTÀ & PIÙ' })).rows).toEqual([['second']]);
  });

  it.each([
    ['Missing', 'sheet "Missing" does not exist: the file has "Users", "Città & più"'],
    [null, 'no sheet is named: the file has "Users", "Città & più"'],
  ])('that do not exist (%s) are refused with the names that do', async (sheet, message) => {
    const content = contentOf(await workbookFile(TWO));
    expect(await rejection(readFile(excel.open({}), content, { sheet }))).toMatchObject({
      code: 'SheetNotExist',
      message,
    });
  });

  it('without cells or a valid name are left out', async () => {
    const names = ['x'.repeat(31), 'x'.repeat(32), '😀'.repeat(31), '', "'a", "a'", "a'b", ...'*/:?[]\\'];
    const sheets = names.map((name, index) => `<sheet name="${name}" sheetId="${index}" r:id="rId1"/>`).join('');
    const chart = '<sheet name="Chart" sheetId="99" r:id="rId5"/>';
    const relationships = relationship('rId5', 'chartsheet', 'chartsheets/sheet1.xml');
    expect(await sheetsOf({ sheets: sheets + chart, relationships })).toEqual(['x'.repeat(31), '😀'.repeat(31), "a'b"]);
  });

  it('have no columns where they are empty', async () => {
    const content = async (rows: string) => contentOf(await workbookFile({ rows }));
    const noColumns = {
      code: 'NoColumnsFound',
      message: 'sheet "Users" has no columns: it is empty, or no column has a name that makes a property name',
    };
    for (const settings of [{}, { hasColumnNames: false }]) {
      for (const rows of ['', '<row/><row><c/></row>']) {
        expect(await rejection(readFile(excel.open(settings), await content(rows), { sheet: 'users' }))).toMatchObject(
          noColumns,
        );
      }
    }
  });
});

describe('settings of excel', () => {
  it('have defaults', () => {
    expect(excel.settingsSchema.parse({})).toEqual({ hasColumnNames: true, dates: 'serial', skipRows: 0 });
  });

  it.each([
    { skipRows: -1 },
    { skipRows: 1_001 },
    { skipRows: 1.5 },
    { dates: 'text' },
    { hasColumnNames: 1 },
    { sheet: 'a' },
  ])('refuse %j', (settings) => {
    expect(() => excel.open(settings)).toThrow(AppError);
  });
});

describe('a workbook that another program wrote', () => {
  const text = fc
    .string({ unit: fc.constantFrom(...'abcXYZ019 éßŁ日😀<>&"\'\n\t;,=_-'), maxLength: 20 })
    .filter((value) => !value.includes('_x'));
  const filled = text.filter((value) => value !== '');
  // The other program reads a result of 0 as none; what we read is in excel-cells.test.ts.
  const notZero = fc.integer().filter((number) => number !== 0);
  const value = fc.oneof(
    { weight: 4, arbitrary: text },
    { weight: 2, arbitrary: fc.integer() },
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.boolean(),
    fc.constant(null),
    fc.array(filled, { minLength: 1, maxLength: 3 }).map((runs) => ({ richText: runs.map((run) => ({ text: run })) })),
    fc.oneof(filled, notZero).map((result) => ({ formula: 'A1&"<"', result })),
    fc.constantFrom('#N/A', '#DIV/0!').map((error) => ({ error })),
  );

  it('has the same values as there, with shared strings or without', async () => {
    const sheets = fc.array(fc.array(value, { maxLength: 6 }), { maxLength: 12 });
    await fc.assert(fc.asyncProperty(sheets, fc.boolean(), agrees), { numRuns: 60 });
  });
});

const HEADER = ['a', 'b', 'c', 'd', 'e', 'f'];

async function agrees(rows: readonly (readonly unknown[])[], sharedStrings: boolean): Promise<void> {
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet('Users');
  sheet.addRow(HEADER);
  for (const row of rows) sheet.addRow([...row]);
  const file = new Uint8Array(
    await workbook.xlsx.writeBuffer({ useSharedStrings: sharedStrings } as Partial<ExcelJS.XlsxWriteOptions>),
  );
  const read = await readFile(excel.open({}), contentOf(file), { sheet: 'Users' });
  expect(read.unreadable).toEqual([]);
  expect(read.rows).toEqual(await oracle(file));
}

/** What the other program reads, in the form that the format delivers. */
async function oracle(file: Uint8Array): Promise<string[][]> {
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(file.buffer as ArrayBuffer);
  const rows: string[][] = [];
  workbook.getWorksheet('Users')?.eachRow((row, number) => {
    const texts = HEADER.map((_, index) => textOf(row.getCell(index + 1).value));
    if (number > 1 && texts.some((cell) => cell !== '')) rows.push(texts);
  });
  return rows;
}

function textOf(value: ExcelJS.CellValue | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  if ('richText' in value) return value.richText.map(({ text }) => text).join('');
  if ('error' in value) return value.error;
  if ('result' in value) return textOf(value.result);
  throw new Error(`a value that was not written: ${JSON.stringify(value)}`);
}
