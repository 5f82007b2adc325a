import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '@penstock/domain';
import { describe, expect, it, onTestFinished } from 'vitest';
import { excel } from '../src/excel/excel.js';
import type { FileContent, LocalFile } from '../src/files/file-format.js';
import { partsOf, sheetXml, textRow, type WorkbookParts, workbookFile, zip } from './fixtures/excel/workbook-file.js';
import { contentOf, type FileResult, readFile } from './read-format.js';
import { rejection, unhurried } from './read-source.js';

const MIB = 1024 * 1024;
const SIMPLE: WorkbookParts = {
  rows: `${textRow('a', 'b')}<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" s="1"><v>45000</v></c></row>`,
  strings: '<si><t>shared</t></si>',
  styles: '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>',
};
const REPAIR = 'transfer it again, or open it in Excel and save it anew';

async function problemOf(file: Uint8Array, settings: unknown = {}): Promise<unknown> {
  return await rejection(readFile(excel.open(settings), contentOf(file), { sheet: 'Users' }));
}

async function problemOfParts(workbook: WorkbookParts): Promise<unknown> {
  return await problemOf(await workbookFile({ ...SIMPLE, ...workbook }), { dates: 'iso' });
}

const invalid = (message: string) => ({ code: 'InvalidFile', message });

/** A compound file whose directory has an entry. */
function compoundFile(entry: string): Buffer {
  const file = Buffer.alloc(4 * 512);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(file);
  file.writeUInt16LE(9, 30);
  file.writeUInt32LE(1, 48);
  file.write(entry, 2 * 512 + 128, 'utf16le');
  return file;
}

describe('a file that is no workbook is refused with what to do about it', () => {
  const saveAs = 'open it in Excel and save it as "Excel Workbook (.xlsx)"';
  it.each([
    ['nothing', Buffer.alloc(0), 'the file is empty'],
    [
      'text',
      Buffer.from('a,b\n1,2\n'),
      `the file is not an Excel workbook (.xlsx): ${saveAs}, or choose the format that it has`,
    ],
    [
      'an old workbook',
      compoundFile('Workbook'),
      `the file is a workbook of an old version of Excel (.xls), which cannot be read: ${saveAs}`,
    ],
    [
      'a workbook with a password',
      compoundFile('EncryptedPackage'),
      'the file is a workbook with a password, which cannot be read: save it without one',
    ],
    [
      'another compound file',
      compoundFile('Other'),
      `the file is not an Excel workbook (.xlsx), or it has a password: ${saveAs}, without a password`,
    ],
    [
      'the beginning of a compound file',
      compoundFile('').subarray(0, 20),
      `the file is not an Excel workbook (.xlsx), or it has a password: ${saveAs}, without a password`,
    ],
    [
      'the beginning of a zip file',
      Buffer.from('PK\x03\x04'),
      `the file is corrupt: its list of parts cannot be read, or is cut off; ${REPAIR}`,
    ],
  ])('%s', async (_, file, message) => {
    expect(await problemOf(file)).toMatchObject(invalid(message));
    expect(await rejection(excel.open({}).sheets?.(contentOf(file), unhurried()) ?? Promise.resolve())).toMatchObject(
      invalid(message),
    );
  });

  it.each([
    [
      'a binary workbook',
      {
        '_rels/.rels': partsOf({})['_rels/.rels']?.toString().replace('workbook.xml', 'workbook.bin') ?? '',
        'xl/workbook.bin': 'x',
      },
      `the file is a binary workbook (.xlsb), which cannot be read: ${saveAs}`,
    ],
    [
      'an OpenDocument file',
      { 'content.xml': '<a/>' },
      `the file is an OpenDocument file (.ods), which cannot be read: ${saveAs}`,
    ],
    ['a zip file', { 'a.csv': 'a,b' }, `the file is a zip file, but not an Excel workbook (.xlsx): ${saveAs}`],
    [
      'a document of Word',
      { '_rels/.rels': partsOf({})['_rels/.rels'] ?? '', 'word/document.xml': '<a/>' },
      `the file is a zip file, but not an Excel workbook (.xlsx): ${saveAs}`,
    ],
  ])('%s', async (_, parts, message) => {
    expect(await problemOf(await zip(parts))).toMatchObject(invalid(message));
  });
});

describe('a workbook that is not valid is refused', () => {
  const doctype = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>';
  const corrupt = (what: string) => invalid(`the file is corrupt: ${what}; ${REPAIR}`);
  const row = (content: string) => ({ rows: `${textRow('a', 'b')}${content}` });

  it.each(['xl/worksheets/sheet1.xml', 'xl/sharedStrings.xml', 'xl/styles.xml', 'xl/workbook.xml', '_rels/.rels'])(
    'with a document type in %s',
    async (part) => {
      const xml = partsOf(SIMPLE)[part]?.toString() ?? '';
      const parts = { [part]: xml.replace('?>', `?>${doctype}`).replace('<v>0', '<v>&c;') };
      expect(await problemOfParts({ parts })).toMatchObject({
        code: 'InvalidFile',
        message: expect.stringMatching(
          /^the file is not a valid workbook: its [a-z ]+ declares a document type, which none may have$/,
        ),
      });
    },
  );

  it.each([
    ['XFE1', '<row r="2"><c r="XFE2"><v>1</v></c></row>', 'has a cell with a reference that no sheet has'],
    ['ZZZZZZ1', '<row r="2"><c r="ZZZZZZ1"><v>1</v></c></row>', 'has a cell with a reference that no sheet has'],
    [
      'a reference without a column',
      '<row r="2"><c r="12"><v>1</v></c></row>',
      'has a cell with a reference that no sheet has',
    ],
    [
      'a reference without a row',
      '<row r="2"><c r="A"><v>1</v></c></row>',
      'has a cell with a reference that no sheet has',
    ],
    ['row 0', '<row r="0"><c><v>1</v></c></row>', 'has a number that no sheet has'],
    ['row 1048577', '<row r="1048577"><c><v>1</v></c></row>', 'has a number that no sheet has'],
    ['row -1', '<row r="-1"><c><v>1</v></c></row>', 'has a number that no sheet has'],
    [
      'more cells than a sheet has',
      `<row r="2">${'<c/>'.repeat(16_385)}</row>`,
      'has a cell with a reference that no sheet has',
    ],
    [
      'a shared string that is missing',
      '<row r="2"><c t="s"><v>1</v></c></row>',
      'refers to a shared string that does not exist',
    ],
    [
      'a shared string without a number',
      '<row r="2"><c t="s"><v>x</v></c></row>',
      'refers to a shared string that does not exist',
    ],
    ['an unknown type', '<row r="2"><c t="x"><v>1</v></c></row>', 'has a cell of a type that no workbook has'],
    ['an unknown entity', '<row r="2"><c t="str"><v>&nbsp;</v></c></row>', 'has a reference to an unknown entity'],
    [
      'a reference to no character',
      '<row r="2"><c t="str"><v>&#xD800;</v></c></row>',
      'has a reference to an unknown entity',
    ],
    ['a value with elements', '<row r="2"><c><v><a/></v></c></row>', 'has a value without an end'],
    ['a tag that is not well-formed', '<row r="2"><c r=><v>1</v></c></row>', 'has a tag that is not well-formed'],
  ])('with %s, which is named by its row', async (_, content, problem) => {
    expect(await problemOfParts(row(content))).toMatchObject(corrupt(`row 2 of the sheet ${problem}`));
  });

  it.each([
    [
      'a sheet that is cut off',
      { parts: { 'xl/worksheets/sheet1.xml': sheetXml(textRow('a')).replace('</sheetData></worksheet>', '') } },
      'its sheet is cut off',
    ],
    [
      'a row that is cut off',
      { parts: { 'xl/worksheets/sheet1.xml': '<worksheet><sheetData><row><c' } },
      'its sheet is cut off',
    ],
    [
      'a sheet without rows',
      { parts: { 'xl/worksheets/sheet1.xml': '<worksheet></worksheet>' } },
      'its sheet has no list of its elements',
    ],
    [
      'a sheet that is something else',
      { parts: { 'xl/worksheets/sheet1.xml': '<chartsheet/>' } },
      'its sheet is something else',
    ],
    [
      'other elements among the rows',
      { rows: `${textRow('a')}<b/>` },
      'its sheet has elements that do not belong there',
    ],
    [
      'a sheet in UTF-16',
      { parts: { 'xl/worksheets/sheet1.xml': Buffer.from(`\ufeff${sheetXml('')}`, 'utf16le') } },
      'its sheet is not XML in UTF-8',
    ],
    [
      'a sheet in another encoding',
      { parts: { 'xl/worksheets/sheet1.xml': sheetXml('').replace('UTF-8', 'ISO-8859-1') } },
      'its sheet is not XML in UTF-8',
    ],
    [
      'a sheet that is missing',
      { sheets: '<sheet name="Users" r:id="rId7"/>' },
      'its workbook names a sheet that is not there',
    ],
    [
      'shared strings that are cut off',
      { parts: { 'xl/sharedStrings.xml': '<sst><si><t>a</t></si>' } },
      'its part with the shared strings is cut off',
    ],
    [
      'a text that is not UTF-8',
      { parts: { 'xl/sharedStrings.xml': Buffer.from('<sst><si><t>\xff</t></si></sst>', 'latin1') } },
      'its part with the shared strings has a text that is too large, or is not UTF-8',
    ],
    ['a comment that does not end', { preamble: `<!--${'<'.repeat(2 * MIB)}` }, 'its sheet has markup without an end'],
    ['a tag that does not end', { preamble: `<a ${'b'.repeat(2 * MIB)}` }, 'its sheet has markup without an end'],
    [
      'comments in a tag',
      { rows: `<row a="${'<!--'.repeat(200_000)}"><c/></row>` },
      'has markup that does not belong there',
    ],
    [
      'a workbook with too many sheets',
      { sheets: '<sheet/>'.repeat(10_001) },
      'its workbook has more than 10000 sheets',
    ],
    [
      'a workbook that is not well-formed',
      { parts: { 'xl/workbook.xml': '<workbook><sheets></workbook>' } },
      'its workbook is not well-formed XML',
    ],
    [
      'styles that are not UTF-8',
      { parts: { 'xl/styles.xml': Buffer.from('<a b="\xff"/>', 'latin1') } },
      'its part with the styles is not UTF-8',
    ],
    [
      'elements that are nested too deeply',
      { parts: { 'xl/styles.xml': '<a>'.repeat(1_000) } },
      'its part with the styles nests more than 100 elements',
    ],
  ])('with %s', async (_, workbook, problem) => {
    const error = await problemOfParts(workbook);
    expect(error).toMatchObject({ code: 'InvalidFile' });
    expect((error as Error).message).toContain(problem);
  });

  it('with more columns than can be read', async () => {
    const message = 'has 2001 columns; at most 2000 can be read';
    expect(
      await problemOfParts({ rows: textRow(...Array.from({ length: 2_001 }, (_, index) => `c${index}`)) }),
    ).toMatchObject(invalid(message));
    const settings = { hasColumnNames: false };
    expect(
      await problemOf(await workbookFile({ rows: '<row><c r="XFD1"><v>1</v></c></row>' }), settings),
    ).toMatchObject(invalid('has 16384 columns; at most 2000 can be read'));
  });
});

describe('a workbook that would take too much', () => {
  const zeros = Buffer.alloc(200 * MIB);

  it.each([
    ['xl/worksheets/sheet1.xml', `the file is corrupt: its sheet is not XML in UTF-8; ${REPAIR}`],
    ['xl/sharedStrings.xml', `the file is corrupt: its part with the shared strings is not XML in UTF-8; ${REPAIR}`],
    [
      'xl/styles.xml',
      'the file cannot be read: its part with the styles has more than 16 MiB; save the sheet as CSV, or divide it',
    ],
    [
      'xl/workbook.xml',
      'the file cannot be read: its workbook has more than 16 MiB; save the sheet as CSV, or divide it',
    ],
  ])('because of 200 MB of zeros in %s is refused', async (part, message) => {
    expect(await problemOfParts({ parts: { [part]: zeros } })).toMatchObject(invalid(message));
  });

  it('is refused when a part is larger than it says', async () => {
    const spaces = Buffer.concat([Buffer.from('<styleSheet>'), Buffer.alloc(20 * MIB, ' ')]);
    const file = await workbookFile({ ...SIMPLE, parts: { 'xl/styles.xml': spaces } });
    const size = Buffer.alloc(4);
    size.writeUInt32LE(spaces.length);
    for (let at = file.indexOf(size); at !== -1; at = file.indexOf(size, at)) file.writeUInt32LE(MIB, at);
    expect(await problemOf(file, { dates: 'iso' })).toMatchObject(
      invalid(
        `the file is corrupt: its part with the styles is not what was written: size or checksum differ; ${REPAIR}`,
      ),
    );
  });

  it('in shared strings is refused, and their memory is bounded', async () => {
    const text = Buffer.from(`<si><t>${'x'.repeat(30 * MIB)}</t></si>`);
    const parts = {
      'xl/sharedStrings.xml': Buffer.concat([Buffer.from('<sst>'), ...Array(9).fill(text), Buffer.from('</sst>')]),
    };
    expect(await problemOfParts({ parts })).toMatchObject(
      invalid(
        'the file cannot be read: its part with the shared strings has more than 256 MiB of text; save the sheet as CSV, or divide it',
      ),
    );
  });

  it('in one record loses that record alone', async () => {
    const huge = `<row><c t="inlineStr"><is><t>${'x'.repeat(40 * MIB)}</t></is></c></row>`;
    const large = `<row><c t="inlineStr"><is><t>${'x'.repeat(17 * MIB)}</t></is></c></row>`;
    const refers = `<row>${'<c t="s"><v>1</v></c>'.repeat(16_384)}</row>`;
    const cell = (text: string) => `<row><c t="str"><v>${text}</v></c></row>`;
    const rows = textRow('a') + cell('1') + huge + cell('2') + large + cell('3') + refers + cell('4');
    const { rows: records, unreadable } = await read({ rows, strings: `<si/><si><t>${'x'.repeat(MIB)}</t></si>` });
    expect(records).toEqual([['1'], ['2'], ['3'], ['4']]);
    expect(unreadable).toMatchObject(
      Array(3).fill({ step: 'Receive', code: 'RecordTooLarge', message: 'record is larger than 16 MiB', key: null }),
    );
    expect(unreadable.map(({ record }) => record?.())).toEqual(['{"row":3}', '{"row":5}', '{"row":7}']);
  });

  it('in one record that is not UTF-8 loses that record alone', async () => {
    const xml = Buffer.from(sheetXml(`${textRow('a')}${textRow('é\ufffd')}${textRow('#')}${textRow('2')}`));
    xml[xml.indexOf('#')] = 0xff;
    const { rows, unreadable } = await read({ parts: { 'xl/worksheets/sheet1.xml': xml } });
    expect(rows).toEqual([['é\ufffd'], ['2']]);
    expect(unreadable).toMatchObject([{ code: 'InvalidEncoding', message: 'record is not valid UTF-8' }]);
  });
});

async function read(workbook: WorkbookParts): Promise<FileResult> {
  return await readFile(excel.open({}), contentOf(await workbookFile(workbook)), { sheet: 'Users' });
}

describe('a workbook that was damaged', () => {
  const expected = [['shared', '2023-03-15']];

  /** InvalidFile, the right records, or a sheet that has another name now: nothing else. */
  async function check(file: Uint8Array): Promise<string> {
    try {
      const { rows, unreadable } = await readFile(excel.open({ dates: 'iso' }), memory(file), { sheet: 'Users' });
      expect(unreadable).toEqual([]);
      expect(rows).toEqual(expected);
      return 'read';
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return error.code;
    }
  }

  it('at any byte is refused or read right', async () => {
    const file = await workbookFile(SIMPLE);
    const outcomes = new Map<string, number>();
    for (let at = 0; at < file.length; at += 1) {
      for (const value of [0xff, (file[at] ?? 0) ^ 1]) {
        const damaged = Buffer.from(file);
        damaged[at] = value;
        const outcome = await check(damaged);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }
    expect([...outcomes.keys()].sort()).toEqual(['InvalidFile', 'read']);
    expect(outcomes.get('InvalidFile')).toBeGreaterThan(file.length);
  });

  it('by losing its end is refused', async () => {
    const file = await workbookFile(SIMPLE);
    for (let length = 0; length < file.length; length += 1)
      expect(await check(file.subarray(0, length))).toBe('InvalidFile');
  });
});

async function readOn(batches: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of batches);
}

/** Without a file: thousands of them would take long. */
function memory(bytes: Uint8Array, stream?: LocalFile['stream']): FileContent {
  const file = Buffer.from(bytes);
  return {
    stream: () => Readable.from([file]),
    local: async () => ({
      size: file.length,
      read: async (position, length) => file.subarray(position, position + length),
      stream:
        stream ??
        ((start, end) => Readable.from(start < end ? [file.subarray(start, end)] : [], { objectMode: false })),
    }),
  };
}

describe('reading a workbook', () => {
  const rows = textRow('a') + textRow('some text').repeat(20_000);
  const request = { sheet: 'Users', expected: null };

  it('passes on what the file throws', async () => {
    const lost = new AppError('SourceUnavailable', { message: 'the disk is gone' });
    const file = await workbookFile({ rows });
    const broken = () =>
      new Readable({
        read() {
          this.destroy(lost);
        },
      });
    expect(await rejection(readFile(excel.open({}), memory(file, broken), { sheet: 'Users' }))).toBe(lost);
    const whole = await memory(file).local();
    const gone = new Error('input/output error');
    const fail: LocalFile['read'] = (at, length) => (at === 0 ? whole.read(at, length) : Promise.reject(gone));
    const content = {
      ...memory(file),
      local: async (): Promise<LocalFile> => ({ ...(await memory(file).local()), read: fail }),
    };
    expect(await rejection(readFile(excel.open({}), content, { sheet: 'Users' }))).toBe(gone);
  });

  it('ends when it is aborted, before or while it waits for the file', async () => {
    const file = await workbookFile({ rows });
    const reason = new Error('stopped');
    await expect(excel.open({}).open(memory(file), request, AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(excel.open({}).sheets?.(memory(file), AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const silent = () => {
      setImmediate(() => controller.abort(reason));
      return new Readable({ read() {} });
    };
    await expect(excel.open({}).open(memory(file, silent), request, controller.signal)).rejects.toBe(reason);
  });

  it('ends when it is aborted between batches', async () => {
    const controller = new AbortController();
    const reader = await excel.open({}).open(memory(await workbookFile({ rows })), request, controller.signal);
    const batches = reader.batches()[Symbol.asyncIterator]();
    expect((await batches.next()).value?.rows).toHaveLength(500);
    const reason = new Error('stopped');
    controller.abort(reason);
    await expect(batches.next()).rejects.toBe(reason);
    await reader.close();
  });

  it('ends when it is closed while it waits, and does not blame the file', async () => {
    const file = await workbookFile({ rows });
    const sheetSize = 1_000;
    const stalling: LocalFile['stream'] = (start, end) => {
      if (end - start < sheetSize) return Readable.from([file.subarray(start, end)], { objectMode: false });
      const stream = new Readable({ read() {} });
      stream.push(file.subarray(start, start + 500));
      return stream;
    };
    const reader = await excel.open({}).open(memory(file, stalling), request, unhurried());
    const read = rejection(readOn(reader.batches()));
    await reader.close();
    expect(await read).not.toBeInstanceOf(AppError);
  });

  it('leaves nothing open when it is closed early, or fails', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'penstock-excel-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const name = path.join(directory, 'file');
    const bytes = await workbookFile({ rows });
    await writeFile(name, bytes);
    const handle = await open(name);
    onTestFinished(() => handle.close());
    const streams: Readable[] = [];
    const stream: LocalFile['stream'] = (start, end) => {
      const opened = createReadStream(name, { start, end: end - 1, highWaterMark: 1024 });
      streams.push(opened);
      return opened;
    };
    const reader = await excel.open({}).open(memory(bytes, stream), request, unhurried());
    await reader.close();
    await reader.close();
    await rejection(excel.open({}).open(memory(bytes, stream), { ...request, sheet: 'Other' }, unhurried()));
    await expect.poll(() => streams.every(({ closed }) => closed)).toBe(true);
    expect(streams.length).toBeGreaterThan(3);
  });
});
