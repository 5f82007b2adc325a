import { describe, expect, it } from 'vitest';
import { csv } from '../src/csv/csv.js';
import { contentOf, type FileResult, readFile } from './read-format.js';
import { rejection } from './read-source.js';

type Settings = Readonly<Record<string, unknown>>;

const readCsv = (data: string | Uint8Array, settings: Settings = {}): Promise<FileResult> =>
  readFile(csv.open(settings), contentOf(data));

/** The fields of a file without a header. */
async function rowsOf(data: string | Uint8Array, settings: Settings = {}): Promise<readonly unknown[]> {
  const { rows, unreadable } = await readCsv(data, { hasColumnNames: false, ...settings });
  expect(unreadable).toEqual([]);
  return rows;
}

const failuresOf = ({ unreadable }: FileResult): unknown[] =>
  unreadable.map(({ code, message, record }) => [code, message, JSON.parse(record?.() ?? 'null')]);

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

describe('a CSV file', () => {
  it.each<[string, string, string[][]]>([
    [
      'records on lines',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a last line without a break',
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CRLF',
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CR',
      'a,b\r1,2\r',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CR, and line feeds within quotes',
      '"x\ny",b\r1,"2\n3"\r',
      [
        ['x\ny', 'b'],
        ['1', '2\n3'],
      ],
    ],
    [
      'line breaks that were translated twice',
      'a,b\r\r\n1,"2"\r\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CR within a file of LF',
      'a,b\n1\r2,"3\r4"\n',
      [
        ['a', 'b'],
        ['1\r2', '3\r4'],
      ],
    ],
    [
      'empty fields',
      ',\n,"",\n'.replace(',"",', ',""'),
      [
        ['', ''],
        ['', ''],
      ],
    ],
    ['spaces as part of fields', ' a , b\n', [[' a ', ' b']]],
    [
      'quoted fields',
      '"a","b"\n"1","2"\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'quoted line breaks',
      '"a\nb","c\r\nd"\r\n1,2\r\n',
      [
        ['a\nb', 'c\r\nd'],
        ['1', '2'],
      ],
    ],
    [
      'quoted separators and quotes',
      '"a,b","c""d"\n"""",""""""\n',
      [
        ['a,b', 'c"d'],
        ['"', '""'],
      ],
    ],
    ['line breaks at the ends of quoted fields', '"\na\r","\n\n"\n', [['\na\r', '\n\n']]],
    [
      'many lines within quotes',
      `"${'x\n'.repeat(100)}",b\n1,2\n`,
      [
        ['x\n'.repeat(100), 'b'],
        ['1', '2'],
      ],
    ],
    [
      'blank lines',
      '\n\na,b\n\r\n1,2\n\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['one column, where a quoted empty field is a record', 'a\n""\n\nb\n', [['a'], [''], ['b']]],
    [
      'characters of all lengths',
      'é,漢\n👩,ß\n',
      [
        ['é', '漢'],
        ['👩', 'ß'],
      ],
    ],
    ['U+FFFD as a character', '\uFFFD,a\n', [['\uFFFD', 'a']]],
  ])('is read with %s', async (_what, text, rows) => {
    expect(await rowsOf(text)).toEqual(rows);
  });

  it('has the columns of its header, all of them text', async () => {
    const { columns, issues, rows } = await readCsv('id,E-mail,Höhe\n1,a@b.c,2\n');
    expect(columns).toEqual([
      { name: 'id', type: { kind: 'string' } },
      { name: 'E_mail', description: 'E-mail', type: { kind: 'string' } },
      { name: 'Hohe', description: 'Höhe', type: { kind: 'string' } },
    ]);
    expect([issues, rows]).toEqual([[], [['1', 'a@b.c', '2']]]);
  });

  it('leaves out a column whose header makes no name, and says so', async () => {
    const { columns, issues, rows } = await readCsv('id,,mail\n1,x,2\n3,y,4\n');
    expect(columns.map(({ name }) => name)).toEqual(['id', 'mail']);
    expect(issues).toEqual([expect.stringMatching(/^column 2 is left out/)]);
    expect(rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  it('leaves out a column with the property name of one before it, and quotes both headers', async () => {
    const { columns, issues, rows, unreadable } = await readCsv('id,a-b,a.b,id\n1,2,3,4\n');
    expect(columns.map(({ name }) => name)).toEqual(['id', 'a_b']);
    expect(issues).toEqual([
      'column 3 "a.b" is left out: its property name "a_b" is that of column 2 "a-b"; rename one of them in the file',
      'column 4 "id" is left out: its property name "id" is that of column 1 "id"; rename one of them in the file',
    ]);
    expect([rows, unreadable]).toEqual([[['1', '2']], []]);
  });

  it('keeps names that a schema takes, and cuts those that are made', async () => {
    const { columns } = await readCsv(`${'a'.repeat(255)},${'b'.repeat(256)},${'c-'.repeat(100)}\n`);
    expect(columns.map(({ name }) => name)).toEqual(['a'.repeat(255), 'b'.repeat(100), 'c_'.repeat(50)]);
  });

  it.each<[string, Settings, string | undefined]>([
    ['id;name;mail\n1;a;b\n', {}, ';'],
    ['id\tname, first\tmail\n', { separator: ';' }, '\t'],
    ['id|name\n', {}, '|'],
    ['id,name\n', { separator: ';' }, ','],
    ['id\n1;2\n', {}, undefined],
    ['id;x,name\n', {}, undefined],
    ['1;2\n', { hasColumnNames: false }, undefined],
  ])(
    'has doubts about the separator where a header of one column has another: %j with %j',
    async (text, settings, other) => {
      const { issues } = await readCsv(text, settings);
      const message = `only one column was found, and its header has ${JSON.stringify(other)}: set separator if the file uses it`;
      expect(issues).toEqual(other === undefined ? [] : [message]);
    },
  );

  it.each<[string, Settings, string]>([
    ['sep=;\r\nid;name\r\n', {}, 'set skipRows to 1 and separator to ";"'],
    ['sep=;\nid;name\n', { separator: ';' }, 'set skipRows to 1'],
    ['title\n\nSEP=\t\nid\tname\n', { skipRows: 1 }, 'set skipRows to 3 and separator to "\\t"'],
    ['sep=,\nid,name\n', {}, 'set skipRows to 1'],
  ])('takes no line for Excel silently for a header: %j with %j', async (text, settings, advice) => {
    const { issues } = await readCsv(text, settings);
    expect(issues.at(-1)).toBe(`the header is a line that tells Excel the separator: ${advice}`);
  });

  it('is read without doubts as the line for Excel advises', async () => {
    const { columns, issues, rows } = await readCsv('sep=;\r\nid;name\r\n1;Ada\r\n', { skipRows: 1, separator: ';' });
    expect([columns.map(({ name }) => name), issues, rows]).toEqual([['id', 'name'], [], [['1', 'Ada']]]);
  });

  it('may have as many columns as a file can have, also where their number is set', async () => {
    const line = Array.from({ length: 2_000 }, (_, index) => `c${index}`).join(',');
    const { columns, rows } = await readCsv(`${line}\n${line}\n`, { numberOfColumns: 2_000 });
    expect([columns.length, rows[0]?.length]).toEqual([2_000, 2_000]);
  });

  it('with a header alone has no records', async () => {
    const { columns, rows, unreadable } = await readCsv('\uFEFFid,mail\r\n');
    expect([columns.length, rows, unreadable]).toEqual([2, [], []]);
  });

  it.each([
    ['', {}],
    ['\uFEFF', {}],
    ['\n\r\n\n', {}],
    ['', { hasColumnNames: false }],
    ['', { hasColumnNames: false, numberOfColumns: 3 }],
    ['#a,b\n', { comment: '#' }],
    ['a,b\n', { skipRows: 1 }],
  ])('that is empty (%j with %j) has no columns', async (text, settings) => {
    expect(await rejection(readCsv(text, settings))).toMatchObject({ code: 'NoColumnsFound' });
  });

  it('is delivered in batches of at most 500 records, also of those that cannot be read', async () => {
    const reader = await csv
      .open({})
      .open(
        contentOf(`a,b\n${'1,2\n3\n'.repeat(1_000)}`),
        { sheet: null, expected: null },
        new AbortController().signal,
      );
    const sizes: number[] = [];
    for await (const { rows, unreadable } of reader.batches()) sizes.push(rows.length + unreadable.length);
    expect(sizes).toEqual([500, 500, 500, 500]);
  });
});

/** As these programs write it; made by hand, for no file of others is at hand. */
const DIALECTS: readonly [string, Buffer, Settings][] = [
  [
    'Excel in Germany, CSV UTF-8',
    Buffer.from('\uFEFFid;Name;Notiz\r\n1;Jörg;"Zeile 1\nZeile 2; ""Ende"""\r\n2;;\r\n'),
    { separator: ';' },
  ],
  [
    'Excel in Germany, CSV',
    Buffer.from('id;Name;Notiz\r\n1;J\xf6rg;"Zeile 1\nZeile 2; ""Ende"""\r\n2;;\r\n', 'latin1'),
    { separator: ';', encoding: 'windows-1252' },
  ],
  [
    'Excel, Unicode text',
    Buffer.from('\uFEFFid\tName\tNotiz\r\n1\tJörg\t"Zeile 1\nZeile 2; ""Ende"""\r\n2\t\t\r\n', 'utf16le'),
    { separator: '\t' },
  ],
  ['Google Sheets', Buffer.from('id,Name,Notiz\r\n1,Jörg,"Zeile 1\nZeile 2; ""Ende"""\r\n2,,'), {}],
  [
    'PostgreSQL and MySQL, every field in quotes',
    Buffer.from('"id","Name","Notiz"\n"1","Jörg","Zeile 1\nZeile 2; ""Ende"""\n"2","",""\n'),
    {},
  ],
];

describe('CSV as programs write it', () => {
  it.each(DIALECTS)('is read: %s', async (_program, bytes, settings) => {
    const { columns, rows, unreadable } = await readCsv(bytes, settings);
    expect(columns.map(({ name }) => name)).toEqual(['id', 'Name', 'Notiz']);
    expect([rows, unreadable]).toEqual([
      [
        ['1', 'Jörg', 'Zeile 1\nZeile 2; "Ende"'],
        ['2', '', ''],
      ],
      [],
    ]);
  });
});

describe('a CSV record that is wrong', () => {
  it('with another number of fields fails alone, and its text says nothing of its place', async () => {
    const result = await readCsv('a,b\n1,2\n3\n\n"x\ny"\n4,5,6\n7,"8"\n"9","10","11"\n');
    expect(result.rows).toEqual([
      ['1', '2'],
      ['7', '8'],
    ]);
    const few = 'record has fewer fields than the file has columns';
    const many = 'record has more fields than the file has columns: a field with the separator in it must be quoted';
    expect(failuresOf(result)).toEqual([
      ['RaggedRecord', few, { line: 3, fields: ['3'] }],
      ['RaggedRecord', few, { line: 5, fields: ['x\ny'] }],
      ['RaggedRecord', many, { line: 7, fields: ['4', '5', '6'] }],
      ['RaggedRecord', many, { line: 9, fields: ['9', '10', '11'] }],
    ]);
    expect(result.unreadable.every(({ step, key }) => step === 'Receive' && key === null)).toBe(true);
  });

  it.each([
    ['a quote within a field', 'x"y,2'],
    ['a quote at the end of a field', 'x",2'],
    ['text after a closing quote', '"x"y,2'],
    ['a space after a closing quote', '"x" ,2'],
    ['quotes that are not doubled', '"say "hi" now",2'],
    ['a quote within a field, and a quoted line break', 'x"y,"1\n2"'],
  ])('with %s fails alone', async (_what, record) => {
    const result = await readCsv(`a,b\n1,2\n${record}\n3,4\n`);
    expect(result.rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    expect(result.unreadable).toMatchObject([{ code: 'InvalidQuote', message: expect.stringMatching(/lazyQuotes/) }]);
  });

  it('with bytes that are not valid in the encoding fails alone', async () => {
    const bytes = Buffer.from('a,b\n1,2\nM\xfcller,2\n3,4\n"\xe9\n",5\n', 'latin1');
    const result = await readCsv(bytes);
    expect(result.rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    const message = 'record has bytes that are not valid utf-8: check the encoding';
    expect(failuresOf(result)).toEqual([
      ['InvalidText', message, { line: 3, fields: ['M\uFFFDller', '2'] }],
      ['InvalidText', message, { line: 5, fields: ['\uFFFD\n', '5'] }],
    ]);
  });

  it('with a NUL character fails alone, and is shown without it', async () => {
    const result = await readCsv('a,b\n1,2\n3\0,4\n5,"\0"\n6,7\n');
    expect(result.rows).toEqual([
      ['1', '2'],
      ['6', '7'],
    ]);
    expect(failuresOf(result)).toMatchObject([
      ['InvalidText', expect.stringMatching(/NUL/), { line: 3, fields: ['3\uFFFD', '4'] }],
      ['InvalidText', expect.stringMatching(/NUL/), { line: 4, fields: ['5', '\uFFFD'] }],
    ]);
  });

  it('is shown in part when it is large', async () => {
    const { unreadable } = await readCsv(`a,b\n${'x'.repeat(1_000_000)}\n${'1,'.repeat(100_000)}\n`);
    for (const { record } of unreadable) {
      const text = record?.() ?? '';
      expect(text.length).toBeLessThan(100_000);
      expect(JSON.parse(text)).toMatchObject({ cut: true });
    }
    expect(unreadable).toHaveLength(2);
  });

  it.each([
    ['the header has a stray quote', 'a"b,c\n1,2\n', {}, 'line 1: the header has a quote'],
    ['the header is not valid text', Buffer.from('\n\xfc,b\n', 'latin1'), {}, 'line 2: the header has bytes'],
    ['the header has a NUL', 'a\0,b\n', {}, 'line 1: the header has a NUL'],
    [
      'the first record has a stray quote',
      'a"b,c\n',
      { hasColumnNames: false },
      'line 1: the first record has a quote',
    ],
    [
      'the header has fewer fields',
      'a,b\n',
      { numberOfColumns: 3 },
      'line 1: the header has 2 fields, but numberOfColumns is 3',
    ],
    ['the header has more fields', 'a,b,c,d\n', { numberOfColumns: 3 }, 'line 1: the header has more than 3 fields'],
  ])('is the end when it says what the columns are: %s', async (_what, data, settings, message) => {
    const expected = { code: 'InvalidFile', message: expect.stringContaining(message) };
    expect(await rejection(readCsv(data, settings))).toMatchObject(expected);
  });
});

describe('the settings of CSV', () => {
  it('have a description and a default each', () => {
    expect(Object.keys(csv.settingsSchema.parse({}))).toEqual(Object.keys(csv.settingsSchema.shape));
    for (const schema of Object.values(csv.settingsSchema.shape)) expect(schema.meta()?.description).toBeTruthy();
  });

  it.each<[Settings, string]>([
    [{ separator: '' }, 'separator'],
    [{ separator: ';;' }, 'separator'],
    [{ separator: '\n' }, 'separator'],
    [{ separator: '\r' }, 'separator'],
    [{ separator: '\0' }, 'separator'],
    [{ separator: '\uFFFD' }, 'separator'],
    [{ separator: '👩' }, 'separator'],
    [{ separator: '"' }, 'quote'],
    [{ separator: ';', quote: ';' }, 'quote'],
    [{ quote: '""' }, 'quote'],
    [{ quote: '\n' }, 'quote'],
    [{ comment: ',' }, 'comment'],
    [{ comment: '"' }, 'comment'],
    [{ comment: '//' }, 'comment'],
    [{ separator: ' ', trimLeadingSpace: true }, 'trimLeadingSpace'],
    [{ numberOfColumns: 2_001 }, 'numberOfColumns'],
    [{ numberOfColumns: -1 }, 'numberOfColumns'],
    [{ skipRows: 1_001 }, 'skipRows'],
    [{ encoding: 'klingon' }, 'encoding'],
    [{ encoding: '' }, 'encoding'],
    [{ delimiter: ',' }, 'delimiter'],
  ])('are refused: %j', (settings, member) => {
    expect(() => csv.open(settings)).toThrow(
      expect.objectContaining({ code: 'InvalidSettings', message: expect.stringContaining(member) }),
    );
  });

  it.each([';', '\t', '|', ' ', '§', '漢', '.', '^', '\\'])('take %j as the separator', async (separator) => {
    const text = `a${separator}"b${separator}c"\n1${separator}2\n`;
    expect(await rowsOf(text, { separator })).toEqual([
      ['a', `b${separator}c`],
      ['1', '2'],
    ]);
  });

  it.each(["'", '|', '«', '^', ']', '漢'])('take %j as the quote', async (quote) => {
    const text = `${quote}a,"\n${quote}${quote}${quote},b"\n1,2\n`;
    expect(await rowsOf(text, { quote })).toEqual([
      [`a,"\n${quote}`, 'b"'],
      ['1', '2'],
    ]);
  });

  it('can say that quotes mean nothing', async () => {
    expect(await rowsOf('"a,b"\n1"",2\n', { quote: '' })).toEqual([
      ['"a', 'b"'],
      ['1""', '2'],
    ]);
  });

  it('can say that there is no header: columns have letters, and the first record is one', async () => {
    const result = await readCsv('1,2\n3,4\n', { hasColumnNames: false });
    expect(result.columns.map(({ name }) => name)).toEqual(['A', 'B']);
    expect(result.rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  it('can say how many columns there are: the first record may then fail alone', async () => {
    const result = await readCsv('1\n3,4\nx"y,5\n', { hasColumnNames: false, numberOfColumns: 2 });
    expect(result.columns.map(({ name }) => name)).toEqual(['A', 'B']);
    expect(result.rows).toEqual([['3', '4']]);
    expect(result.unreadable.map(({ code }) => code)).toEqual(['RaggedRecord', 'InvalidQuote']);
  });

  it('can have spaces and tabs at the beginning of fields left out, also before a quote', async () => {
    const settings = { trimLeadingSpace: true };
    expect(await rowsOf('a,  b\n \t1 , "x, y"\n,  \n', settings)).toEqual([
      ['a', 'b'],
      ['1 ', 'x, y'],
      ['', ''],
    ]);
    expect(await rowsOf('a\t b\n \t "c"\n', { ...settings, separator: '\t' })).toEqual([
      ['a', 'b'],
      ['', 'c'],
    ]);
  });

  it.each([
    ['x"y,2', ['x"y', '2']],
    ['5",2', ['5"', '2']],
    ['"x"y,2', ['"x"y', '2']],
    ['"x" ,"2"', ['"x" ', '2']],
    ['"12" monitor,"x"', ['"12" monitor', 'x']],
    ['"a,b"c,2', ['"a,b"c', '2']],
    ['"say "hi" now",2', ['say "hi" now', '2']],
    ['"say "hi, you" now",2', ['say "hi, you" now', '2']],
    ['"say ""hi"" "now"",2', ['say "hi" "now"', '2']],
    ['1,"x"y', ['1', '"x"y']],
    ['1,"x\ny"z', ['1', '"x\ny"z']],
    ['1,"x"', ['1', 'x']],
  ])('can have stray quotes taken as they stand: %j', async (record, fields) => {
    const settings = { lazyQuotes: true };
    for (const lineBreak of ['\n', '\r\n']) {
      const rows = await rowsOf(`a,b${lineBreak}${record}${lineBreak}3,4${lineBreak}`, settings);
      expect(rows).toEqual([['a', 'b'], fields, ['3', '4']]);
    }
  });

  it('can skip comments: lines that begin with a character, but not within quotes', async () => {
    expect(await rowsOf('#x\na,b\n#"\n1,#2\n"\n#3",4\n#', { comment: '#' })).toEqual([
      ['a', 'b'],
      ['1', '#2'],
      ['\n#3', '4'],
    ]);
  });

  it('can skip lines before the header, whatever they hold, and lines go on being counted', async () => {
    const result = await readCsv('Report "of\n\n\xe9,\na,b\n1,2\n3\n', { skipRows: 3 });
    expect(result.columns.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(result.rows).toEqual([['1', '2']]);
    expect(failuresOf(result)).toMatchObject([['RaggedRecord', expect.anything(), { line: 6 }]]);
  });

  it.each<[string, Buffer, string]>([
    ['utf-8', Buffer.from('é,"漢\n👩"\n'), 'é,漢\n👩'],
    ['utf-16le', Buffer.from('é,"漢\n👩"\n', 'utf16le'), 'é,漢\n👩'],
    ['utf-16', Buffer.from('\uFFFD,a\n', 'utf16le'), '\uFFFD,a'],
    ['UTF-16BE', utf16be('é,"漢\n👩"\n'), 'é,漢\n👩'],
    ['windows-1252', Buffer.from('\x80,\xe9\n', 'latin1'), '€,é'],
    ['iso-8859-1', Buffer.from('\x80,\xe9\n', 'latin1'), '€,é'],
    ['iso-8859-15', Buffer.from('\xa4,\xe9\n', 'latin1'), '€,é'],
    ['shift_jis', Buffer.from('\x83\x41,\x95\x5c\n', 'latin1'), 'ア,表'],
    ['gb18030', Buffer.from('\x81\x30\x81\x30,\xd6\xd0\n', 'latin1'), '\u0080,中'],
  ])('know the encoding %s, wherever the chunks are cut', async (encoding, bytes, expected) => {
    for (let chunkBytes = 1; chunkBytes <= bytes.length; chunkBytes += 1) {
      const format = csv.open({ encoding, hasColumnNames: false });
      const { rows } = await readFile(format, contentOf(bytes, chunkBytes));
      expect(rows).toEqual([expected.split(',')]);
    }
  });

  it.each<[string, Buffer]>([
    ['UTF-8', Buffer.from('\uFEFFé,b\n1,2\n')],
    ['UTF-16LE', Buffer.from('\uFEFFé,b\n1,2\n', 'utf16le')],
    ['UTF-16BE', utf16be('\uFEFFé,b\n1,2\n')],
  ])('give way to a byte order mark of %s', async (_name, bytes) => {
    for (const encoding of ['utf-8', 'utf-16le', 'windows-1252', 'shift_jis']) {
      for (const chunkBytes of [1, 2, 3, 100]) {
        const format = csv.open({ encoding, hasColumnNames: false });
        expect((await readFile(format, contentOf(bytes, chunkBytes))).rows).toEqual([
          ['é', 'b'],
          ['1', '2'],
        ]);
      }
    }
  });

  it.each<[string, Buffer]>([
    ['shift_jis', Buffer.from('a,b\n\x83\xff,1\n2,3\n', 'latin1')],
    ['windows-1253', Buffer.from('a,b\n\xd2,1\n2,3\n', 'latin1')],
    [
      'utf-16le',
      Buffer.concat([Buffer.from('a,b\n', 'utf16le'), Buffer.of(0, 0xd8), Buffer.from(',1\n2,3\n', 'utf16le')]),
    ],
    ['utf-16be', Buffer.concat([utf16be('a,b\n'), Buffer.of(0xdc, 0), utf16be(',1\n2,3\n')])],
  ])('know what is not valid in %s', async (encoding, bytes) => {
    const result = await readCsv(bytes, { encoding });
    expect(result.rows).toEqual([['2', '3']]);
    const message = `record has bytes that are not valid ${encoding}: check the encoding`;
    expect(failuresOf(result)).toMatchObject([['InvalidText', message, { line: 2 }]]);
  });

  it('know that half a character at the end of a file is not valid', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\n1,2', 'utf16le'), Buffer.of(0x41)]);
    expect(failuresOf(await readCsv(bytes, { encoding: 'utf-16le' }))).toMatchObject([
      ['InvalidText', expect.anything(), { line: 2 }],
    ]);
  });
});
