import { describe, expect, it } from 'vitest';
import { excel } from '../src/excel/excel.js';
import { textRow, type WorkbookParts, workbookFile } from './fixtures/excel/workbook-file.js';
import { contentOf, type FileResult, readFile } from './read-format.js';

async function read(workbook: WorkbookParts, settings: unknown = {}): Promise<FileResult> {
  return await readFile(excel.open(settings), contentOf(await workbookFile(workbook)), { sheet: 'Users' });
}

/** The value of one cell. */
async function cellValue(cell: string, workbook: WorkbookParts = {}): Promise<unknown> {
  const { rows } = await read({ ...workbook, rows: `${textRow('key', 'value')}<row><c><v>1</v></c>${cell}</row>` });
  expect(rows).toHaveLength(1);
  return rows[0]?.[1];
}

describe('a cell of a sheet', () => {
  it.each([
    ['a number, as it is written', '<c><v>1.50</v></c>', '1.50'],
    ['a number with its type', '<c t="n"><v>-12</v></c>', '-12'],
    ['a number with all digits that the file has', '<c><v>0.30000000000000004</v></c>', '0.30000000000000004'],
    ['a number in scientific notation', '<c><v>1E+20</v></c>', '1E+20'],
    ['a number with spaces around it', '<c><v> 7\n</v></c>', '7'],
    ['a boolean that is true', '<c t="b"><v>1</v></c>', 'true'],
    ['a boolean that is false', '<c t="b"><v>0</v></c>', 'false'],
    ['an error', '<c t="e"><v>#N/A</v></c>', '#N/A'],
    ['a date in ISO 8601', '<c t="d"><v>2024-01-31T00:00:00</v></c>', '2024-01-31T00:00:00'],
    ['the result of a formula that is a number', '<c><f>A1*2</f><v>4</v></c>', '4'],
    ['the result of a formula that is zero', '<c><f>A1*0</f><v>0</v></c>', '0'],
    ['the result of a formula that is text', '<c t="str"><f>A1&amp;"x&lt;y"</f><v> 1x </v></c>', ' 1x '],
    ['the result of a formula in another place', '<c><f t="shared" ref="B2:B9" si="0"/><v>5</v></c>', '5'],
    ['a formula without a result', '<c><f>SUM(A:A)</f></c>', ''],
    ['a formula with an empty result', '<c t="str"><f>""</f><v></v></c>', ''],
    ['nothing', '<c s="3"/>', ''],
    ['an empty value', '<c><v/></c>', ''],
    ['text in the cell', '<c t="inlineStr"><is><t>abc</t></is></c>', 'abc'],
    ['text as a value', '<c t="inlineStr"><v>abc</v></c>', 'abc'],
    ['text with spaces', '<c t="inlineStr"><is><t xml:space="preserve"> a  b </t></is></c>', ' a  b '],
    ['text in runs', '<c t="inlineStr"><is><r><rPr><b/></rPr><t>a</t></r><r><t>b</t></r></is></c>', 'ab'],
    [
      'characters of XML',
      '<c t="str"><v>&lt;a&gt; &amp;amp; &quot;&apos; &#233;&#x1F600;</v></c>',
      '<a> &amp; "\' é😀',
    ],
    ['characters beyond ASCII', '<c t="str"><v>Łódź 日本 😀</v></c>', 'Łódź 日本 😀'],
    ['escapes of Excel', '<c t="str"><v>a_x000D_b_x005F_x0041_ _x41_</v></c>', 'a\rb_x0041_ _x41_'],
    ['half a character', '<c t="str"><v>_xD83D_</v></c>', '\ufffd'],
    ['lines', '<c t="str"><v>a\r\nb\rc\nd</v></c>', 'a\nb\nc\nd'],
    ['a CDATA section', '<c t="str"><v><![CDATA[<v>&amp;</row>]]></v></c>', '<v>&amp;</row>'],
    ['a comment', '<c t="str"><!-- </row> --><v>x<!-- </c> -->y</v></c>', 'xy'],
    ['other quotes and spaces in its tags', "<c  r = 'B2'\n t='str' ><v >x</v ></c >", 'x'],
    ['attributes with what looks like a tag', '<c r="B2" cm="a/>b" t="str"><v>x</v></c>', 'x'],
    ['extensions', '<c t="str"><v>x</v><extLst><ext uri="a"><c><v>9</v></c></ext></extLst></c>', 'x'],
  ])('may hold %s', async (_, cell, expected) => {
    expect(await cellValue(cell)).toBe(expected);
  });

  it.each([
    ['0', 'plain'],
    ['1', 'bold and é'],
    ['2', '東京'],
    ['3', ''],
    ['4', ' <a> \r\n'],
    ['5', ''],
    ['6', 'CDATA </si>'],
  ])('may refer to the shared string %s', async (index, expected) => {
    const strings = [
      '<si><t>plain</t></si>',
      '<si><r><rPr><b/></rPr><t>bold</t></r><r><t xml:space="preserve"> and é</t></r></si>',
      '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si>',
      '<si><t/>\n</si>',
      '<si><t xml:space="preserve"> &lt;a&gt; _x000D_\n</t></si>',
      '<si/>',
      '<si><t><![CDATA[CDATA </si>]]></t></si>',
    ];
    expect(await cellValue(`<c t="s"><v>${index}</v></c>`, { strings: strings.join('\n') })).toBe(expected);
  });
});

describe('the rows of a sheet', () => {
  it('are placed by the references of their cells, with or without gaps', async () => {
    const header =
      '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c><c r="C1" t="str"><v>c</v></c></row>';
    const rows =
      '<row r="5"><c r="C5"><v>3</v></c></row><row><c><v>1</v></c><c r="C6"><v>3</v></c></row><row r="9"><c r="B9"><v>2</v></c><c><v>3</v></c></row>';
    const result = await read({ rows: header + rows });
    expect(result.columns).toEqual(['a', 'b', 'c'].map((name) => ({ name, type: { kind: 'string' } })));
    expect(result.rows).toEqual([
      ['', '', '3'],
      ['1', '', '3'],
      ['', '2', '3'],
    ]);
  });

  it('are skipped where they are empty', async () => {
    const empty = '<row/><row r="3"></row><row r="4"><c s="1"/><c t="str"><v></v></c></row>';
    const { rows } = await read({
      rows: `${empty.replaceAll(/ r="\d"/g, '')}${textRow('a', 'b')}${empty.replaceAll(/ r="\d"/g, '')}${textRow('1', '')}<row/>`,
    });
    expect(rows).toEqual([['1', '']]);
  });

  it('may have names with a prefix, as some programs write them', async () => {
    const sheet =
      '<x:worksheet xmlns:x="a"><x:sheetData><x:row r="1"><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row><x:row><x:c t="s"><x:v>0</x:v></x:c></x:row></x:sheetData></x:worksheet>';
    const parts = {
      'xl/worksheets/sheet1.xml': sheet,
      'xl/sharedStrings.xml': '<y:sst xmlns:y="a"><y:si><y:t>text</y:t></y:si></y:sst>',
    };
    const { rows } = await read({ strings: '', parts });
    expect(rows).toEqual([['text']]);
  });

  it('may begin after titles', async () => {
    const rows = `${textRow('Report', 'of', 'today')}<row/>${textRow('a', 'b')}${textRow('1', '2')}`;
    const result = await read({ rows }, { skipRows: 2 });
    expect(result.columns.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(result.rows).toEqual([['1', '2']]);
  });

  it('count as Excel shows them, also when titles are skipped', async () => {
    const rows = '<row r="3"><c t="str"><v>a</v></c></row><row r="4"><c><v>1</v></c></row>';
    expect((await read({ rows }, { skipRows: 2 })).rows).toEqual([['1']]);
  });

  it('of merged cells have the value in the first one', async () => {
    const sheet = `${textRow('a', 'b')}<row r="2"><c r="A2"><v>1</v></c><c r="B2"/></row><row r="3"><c r="A3"/><c r="B3"><v>9</v></c></row>`;
    expect((await read({ rows: sheet })).rows).toEqual([
      ['1', ''],
      ['', '9'],
    ]);
  });

  it('that are wider than the header fail alone, unless the rest is empty', async () => {
    const wide = '<row r="2"><c r="A2"><v>1</v></c><c r="D2" t="str"><v>x</v></c></row>';
    const blank = '<row r="3"><c r="A3"><v>2</v></c><c r="D3" t="str"><v></v></c><c r="E3" s="1"/></row>';
    const { rows, unreadable } = await read({ rows: textRow('a', 'b') + wide + blank });
    expect(rows).toEqual([['2', '']]);
    expect(unreadable).toMatchObject([
      { step: 'Receive', code: 'RaggedRecord', message: 'record has values beyond the last column', key: null },
    ]);
    expect(JSON.parse(unreadable[0]?.record?.() ?? '')).toEqual({ row: 2, values: ['1', '', '', 'x'] });
  });

  it('have the columns that the header names, and say which ones are left out', async () => {
    const rows = `${textRow('E-mail', '', 'Città', 'id')}${textRow('a@example.com', 'lost', 'Forlì', '7')}`;
    const result = await read({ rows });
    expect(result.columns).toEqual([
      { name: 'E_mail', description: 'E-mail', type: { kind: 'string' } },
      { name: 'Citta', description: 'Città', type: { kind: 'string' } },
      { name: 'id', type: { kind: 'string' } },
    ]);
    expect(result.issues).toEqual([
      'column 2 is left out: its name is empty and makes no property name; rename it in the file',
    ]);
    expect(result.rows).toEqual([['a@example.com', 'Forlì', '7']]);
  });

  it('have a name once: later columns with it are left out, and both headers are told', async () => {
    const rows = `${textRow('id', 'a-b', 'a.b', 'id')}${textRow('1', '2', '3', '4')}`;
    const { columns, issues, rows: records } = await read({ rows });
    expect(columns.map(({ name }) => name)).toEqual(['id', 'a_b']);
    expect(issues).toEqual([
      'column 3 "a.b" is left out: its property name "a_b" is that of column 2 "a-b"; rename one of them in the file',
      'column 4 "id" is left out: its property name "id" is that of column 1 "id"; rename one of them in the file',
    ]);
    expect(records).toEqual([['1', '2']]);
  });

  it('end where the header ends: what is empty after it is no column', async () => {
    const result = await read({ rows: `${textRow('a', 'b', '', '')}${textRow('1', '2')}` });
    expect(result.columns).toHaveLength(2);
    expect(result.issues).toEqual([]);
  });

  it('without a header have columns named by letters, as many as the sheet says or the first row has', async () => {
    const rows = `${textRow('1', '2')}${textRow('3', '', '5')}`;
    const narrow = await read({ rows }, { hasColumnNames: false });
    expect(narrow.columns.map(({ name }) => name)).toEqual(['A', 'B']);
    expect(narrow.rows).toEqual([['1', '2']]);
    expect(narrow.unreadable).toHaveLength(1);
    const wide = await read({ rows, preamble: '<dimension ref="A1:C2"/>' }, { hasColumnNames: false });
    expect(wide.columns.map(({ name }) => name)).toEqual(['A', 'B', 'C']);
    expect(wide.rows).toEqual([
      ['1', '2', ''],
      ['3', '', '5'],
    ]);
  });

  it('leave out what the pipeline does not name', async () => {
    const content = contentOf(
      await workbookFile({
        rows: `${textRow('a', 'b', 'c')}${textRow('', '2', '')}${textRow('1', '', '3')}<row><c/></row>`,
      }),
    );
    const property = (name: string) => ({ name, type: { kind: 'string' } as const, description: '' });
    const expected = { kind: 'object' as const, properties: [property('c'), property('a')] };
    const { columns, rows } = await readFile(excel.open({}), content, { sheet: 'Users', expected });
    expect(columns.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(rows).toEqual([
      ['', ''],
      ['1', '3'],
    ]);
  });

  it('come in batches that are bounded by their number and their size', async () => {
    const text = 'x'.repeat(30_000);
    const strings = `<si><t>${text}</t></si>`;
    const row = '<row><c t="s"><v>0</v></c></row>';
    const content = contentOf(
      await workbookFile({ rows: textRow('a') + row.repeat(100) + textRow('b').repeat(2_000), strings }),
    );
    const reader = await excel.open({}).open(content, { sheet: 'Users', expected: null }, new AbortController().signal);
    const sizes: number[] = [];
    for await (const batch of reader.batches()) sizes.push(batch.rows.length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(2_100);
    expect(Math.max(...sizes)).toBe(500);
    expect(sizes[0]).toBe(35);
  });
});
