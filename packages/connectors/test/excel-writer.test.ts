import { PassThrough, Writable } from 'node:stream';
import type { DestinationColumn, DestinationRow } from '@penstock/engine';
import { floatJson, type Type, type Value } from '@penstock/language';
import ExcelJS from 'exceljs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excel } from '../src/excel/excel.js';
import { SheetText } from '../src/excel/sheet-text.js';
import { compileJson } from '../src/files/value-json.js';
import { contentOf, readFile } from './read-format.js';
import { rejection } from './read-source.js';
import { tables, written } from './written-file.js';

const string: Type = { kind: 'string' };
const format = excel.openForWriting({});

/** The texts of a sheet, as our reader has them. */
async function textsOf(file: Buffer, sheet = 'Sheet1'): Promise<readonly (readonly unknown[])[]> {
  const { rows, issues, unreadable } = await readFile(excel.open({ dates: 'iso' }), contentOf(file), { sheet });
  expect([...issues, ...unreadable]).toEqual([]);
  return rows;
}

/** What our reader makes of values of one type; a second column keeps rows without a value. */
async function readBack(type: Type, values: readonly Value[]): Promise<unknown[]> {
  const columns = [
    { name: 'a', type },
    { name: 'row', type: string },
  ];
  const file = await written(format, columns, [values.map((value) => [value, 'x'])]);
  return (await textsOf(file)).map(([value]) => value);
}

/** The cells of one column, as another reader has them. */
async function cellsOf(type: Type, values: readonly Value[]): Promise<ExcelJS.Cell[]> {
  const workbook = new ExcelJS.Workbook();
  const file = await written(format, [{ name: 'a', type }], [values.map((value) => [value])]);
  await workbook.xlsx.load(new Uint8Array(file).buffer as never);
  const sheet = workbook.getWorksheet('Sheet1');
  return values.map((_, index) => sheet?.getCell(index + 2, 1) as ExcelJS.Cell);
}

/** The text of a value in a sheet. */
function shown(type: Type, value: Value): string {
  if (value === null) return '';
  if (type.kind === 'float') return floatJson(value as number, type.bitSize) ?? String(value);
  if (type.kind === 'array' || type.kind === 'map' || type.kind === 'object') return compileJson(type)(value);
  if (type.kind === 'datetime' && String(value) >= '1900-03-01') return milliseconds(String(value));
  return String(value);
}

/** A datetime as Excel keeps it: our reader rounds to milliseconds. */
function milliseconds(datetime: string): string {
  const [start = '', fraction = ''] = datetime.split('.');
  const at = Date.parse(`${start.replace(' ', 'T')}Z`) + Math.round(Number(fraction.padEnd(6, '0').slice(0, 6)) / 1000);
  const [whole = '', part = ''] = new Date(at).toISOString().replace('T', ' ').replace('Z', '').split('.');
  return part === '000' ? whole : `${whole}.${part}`;
}

describe('a workbook of Excel', () => {
  it('is read back by our own reader as it was written, whatever its columns', async () => {
    const property = fc.asyncProperty(tables, async ({ columns, batches }) => {
      const all = [...columns, { name: 'row', type: string }];
      const rows = batches.map((batch) => batch.map((row) => [...row, 'x']));
      const file = await written(format, all, rows);
      const expected = rows.flat().map((row) => row.map((value, index) => shown(all[index]?.type as Type, value)));
      expect(await textsOf(file)).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it('keeps every text, also with what XML and Excel take for something else', async () => {
    const piece = fc.constantFrom(
      '_',
      'x',
      '_x',
      '0041',
      '_x0041_',
      '_x000D_',
      '\u0001',
      '\r',
      '\n',
      '\t',
      ' ',
      '<',
      '&amp;',
    );
    const odd = fc.oneof(
      piece,
      fc.constantFrom(']]>', '\uffff', '\ufffe', '\u007f', '"', "'", '=1+1', 'é日👩', '\u0000'),
    );
    const text = fc.array(odd, { maxLength: 8 }).map((pieces) => pieces.join(''));
    const property = fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (values) => {
      expect(await readBack(string, values)).toEqual(values);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it('has typed cells, as another reader sees them', async () => {
    const value = async (type: Type, ...values: Value[]): Promise<unknown[]> =>
      (await cellsOf(type, values)).map((cell) => cell.value);
    expect(await value(string, 'a', '12', '=1+1', ' a\n', '<&>', null, 'é日👩')).toEqual([
      'a',
      '12',
      '=1+1',
      ' a\n',
      '<&>',
      null,
      'é日👩',
    ]);
    expect(await value({ kind: 'boolean' }, true, false, null)).toEqual([true, false, null]);
    expect(await value({ kind: 'int', bitSize: 32 }, -12, 0)).toEqual([-12, 0]);
    const big = ['999999999999999', '-999999999999999', '1000000000000001', '-9223372036854775808'];
    expect(await value({ kind: 'int', bitSize: 64 }, ...big)).toEqual([
      999999999999999,
      -999999999999999,
      big[2],
      big[3],
    ]);
    expect(await value({ kind: 'float', bitSize: 64 }, 1.5, 1e-7, 1e21)).toEqual([1.5, 1e-7, 1e21]);
    expect(await value({ kind: 'float', bitSize: 64 }, Number.NaN, -Infinity)).toEqual(['NaN', '-Infinity']);
    expect(await value({ kind: 'float', bitSize: 32 }, Math.fround(0.1))).toEqual([0.1]);
    const decimals = ['-1.50', '123456789012.345', '0.000000000000000012', '1234567890123456.5'];
    expect(await value({ kind: 'decimal', precision: 38, scale: 18 }, ...decimals)).toEqual([
      -1.5,
      123456789012.345,
      1.2e-17,
      '1234567890123456.5',
    ]);
    expect(await value({ kind: 'year' }, 2035)).toEqual([2035]);
    expect(await value({ kind: 'time' }, '12:30:00')).toEqual(['12:30:00']);
    expect(await value({ kind: 'json' }, '{"a": 1.0}', 'null')).toEqual(['{"a": 1.0}', 'null']);
    expect(await value({ kind: 'array', elementType: string }, ['a', null])).toEqual(['["a",null]']);
  });

  it('has dates and datetimes that Excel can calculate with, and texts where it cannot', async () => {
    const dates = await cellsOf({ kind: 'date' }, [
      '2035-10-30',
      '1900-03-01',
      '9999-12-31',
      '1900-02-28',
      '0001-01-01',
    ]);
    expect(dates.map(({ value }) => (value instanceof Date ? value.toISOString().slice(0, 10) : value))).toEqual([
      '2035-10-30',
      '1900-03-01',
      '9999-12-31',
      '1900-02-28',
      '0001-01-01',
    ]);
    expect(dates.map(({ value }) => typeof value)).toEqual(['object', 'object', 'object', 'string', 'string']);
    expect(dates[0]?.numFmt).toBe('yyyy-mm-dd');
    const [at, old] = await cellsOf({ kind: 'datetime' }, ['2035-10-30 16:33:25.25', '1899-12-31 00:00:00.5']);
    expect(at).toMatchObject({ value: new Date('2035-10-30T16:33:25.250Z'), numFmt: 'yyyy-mm-dd hh:mm:ss' });
    expect(old?.value).toBe('1899-12-31 00:00:00.5');
  });

  it('has the names of its columns in the first row of the sheet that was asked for, also without records', async () => {
    const columns = [
      { name: 'id', type: string },
      { name: 'email', type: string },
    ];
    for (const sheet of ['Users & "more" <1>', 'Über_x0041_']) {
      const file = await written(
        { ...format, open: (out, request) => format.open(out, { ...request, sheet }) },
        columns,
        [],
      );
      expect(await excel.open({}).sheets?.(contentOf(file), new AbortController().signal)).toEqual([sheet]);
      const read = await readFile(excel.open({}), contentOf(file), { sheet });
      expect(read.columns.map(({ name }) => name)).toEqual(['id', 'email']);
      expect(read.rows).toEqual([]);
    }
  });

  it('names its cells in the order of the letters, beyond Z and ZZ', async () => {
    const columns = Array.from({ length: 1_500 }, (_, index) => ({ name: `c${index}`, type: string }));
    const row = columns.map((_, index) => (index % 7 === 0 ? null : `${index}`));
    const file = await written(format, columns, [[row]]);
    expect(await textsOf(file)).toEqual([row.map((value) => value ?? '')]);
  });

  it('takes texts of as many characters as a cell has, and names the column of a longer one only', async () => {
    const longest = 'é'.repeat(32_767);
    expect(await readBack(string, [longest])).toEqual([longest]);
    const message = 'column "a" has a value of more than 32,767 characters, which a cell of Excel cannot hold: ';
    for (const [type, value] of [
      [string, `${longest}s`],
      [{ kind: 'array', elementType: string }, [longest]],
    ] as readonly (readonly [Type, Value])[]) {
      const error = await rejection(readBack(type, [value]));
      expect(error).toMatchObject({ code: 'DestinationRefused', message: expect.stringContaining(message) });
      expect((error as Error).message).not.toContain('éé');
    }
  });

  it('refuses more columns and more records than a sheet has', () => {
    const columns = Array.from({ length: 16_385 }, (_, index) => ({ name: `c${index}`, type: string }));
    expect(() => new SheetText(columns)).toThrow(expect.objectContaining({ code: 'DestinationRefused' }));
    expect(new SheetText(columns.slice(1)).begin()).toContain('<c r="XFD1"');
    const sheet = new SheetText(columns.slice(0, 1));
    sheet.begin();
    const row: DestinationRow = [null];
    for (let count = 1; count < 1_048_576; count += 1) sheet.row(row);
    expect(() => sheet.row(row)).toThrow('a sheet of Excel has at most 1,048,575 records');
  });

  it('has no settings', () => {
    expect(format.contentType).toBe('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
    expect(() => excel.openForWriting({ dates: 'iso' })).toThrow(expect.objectContaining({ code: 'InvalidSettings' }));
  });
});

interface StrictStream {
  readonly out: Writable;
  readonly release: () => void;
  /** How often something was written although the stream wanted no more. */
  readonly tooMuch: () => number;
}

/** Takes nothing before it is released. */
function strictStream(): StrictStream {
  const held: (() => void)[] = [];
  let [isHeld, tooMuch] = [true, 0];
  const write = (_: Buffer, __: BufferEncoding, callback: () => void): void =>
    void (isHeld ? held.push(callback) : setImmediate(callback));
  const out = new Writable({ highWaterMark: 1, write });
  const take = out.write.bind(out);
  out.write = ((bytes: Buffer) => {
    if (out.writableNeedDrain) tooMuch += 1;
    return take(bytes);
  }) as typeof out.write;
  const release = (): void => {
    isHeld = false;
    for (const callback of held) callback();
  };
  return { out, release, tooMuch: () => tooMuch };
}

describe('writing a workbook of Excel', () => {
  const columns: readonly DestinationColumn[] = [
    { name: 'n', type: { kind: 'int', bitSize: 32 } },
    { name: 'label', type: string },
  ];

  function* batches(count: number, label: (index: number) => string): Generator<DestinationRow[]> {
    for (let at = 0; at < count; at += 500) {
      yield Array.from({ length: Math.min(500, count - at) }, (_, index) => [at + index, label(at + index)]);
    }
  }

  it('is the same whatever the batches', { timeout: 60_000 }, async () => {
    const file = await written(format, columns, [...batches(20_001, (index) => `label ${index}`)]);
    const rows = await textsOf(file);
    expect(rows.length).toBe(20_001);
    expect(rows[20_000]).toEqual(['20000', 'label 20000']);
  });

  it('holds a bounded part of the file while its stream takes nothing', { timeout: 60_000 }, async () => {
    const { out, release, tooMuch } = strictStream();
    const writer = format.open(out, { sheet: null, columns });
    // What cannot be compressed, so that it piles up.
    const character = (): string => String.fromCharCode(0x4e00 + Math.random() * 20_000);
    const sheet = [...batches(500, () => Array.from({ length: 500 }, character).join(''))].flat();
    let done = 0;
    const all = (async () => {
      for (; done < 20; done += 1) await writer.write(sheet);
      await writer.end();
    })();
    for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    // Some batches are on their way, in the buffers of what compresses.
    expect(done).toBeLessThan(8);
    release();
    await all;
    expect(done).toBe(20);
    expect(tooMuch()).toBe(0);
  });

  it.each([1, 16 * 1024 * 1024])('ends with a stream of %d bytes that is destroyed', async (highWaterMark) => {
    const error = new Error('the storage is away');
    const rows: DestinationRow[] = Array.from({ length: 20_000 }, (_, index) => [index, `label ${index}`]);
    const out = new PassThrough({ highWaterMark });
    out.on('error', () => undefined);
    const writer = format.open(out, { sheet: null, columns });
    if (highWaterMark > 1) await writer.write(rows);
    const ended = rejection(writer.end());
    out.destroy(error);
    expect(await ended).toBe(error);
    expect(await rejection(writer.write(rows))).toBe(error);
    const closed = new PassThrough();
    const other = format.open(closed, { sheet: null, columns });
    closed.destroy();
    expect(await rejection(other.write(rows).then(() => other.end()))).toBeInstanceOf(Error);
  });

  it('leaves the stream open when it is done', async () => {
    const out = new PassThrough();
    const writer = format.open(out, { sheet: null, columns });
    out.resume();
    await writer.end();
    expect([out.writableEnded, out.destroyed, out.listenerCount('close')]).toEqual([false, false, 0]);
  });
});
