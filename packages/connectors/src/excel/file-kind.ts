import type { AppError } from '@penstock/domain';
import type { LocalFile } from '../files/file-format.js';
import { invalidFile } from './invalid-file.js';

const ZIP = Buffer.from('PK\x03\x04', 'latin1');
/** The beginning of a compound file, which old workbooks are, and new ones with a password. */
const COMPOUND = Buffer.from('d0cf11e0a1b11ae1', 'hex');
/** Where a compound file says how large its sectors are, as a power of two, and which one its directory begins with. */
const SECTOR_SHIFT_AT = 30;
const DIRECTORY_AT = 48;
const HEADER_BYTES = 512;
const DIRECTORY_BYTES = 8192;

const SAVE_AS = 'open it in Excel and save it as "Excel Workbook (.xlsx)"';

/** Why a file is no zip file, as every workbook is, and what to do; null when it begins as one. */
export async function explainNoZip(file: LocalFile): Promise<AppError | null> {
  if (file.size === 0) return invalidFile('the file is empty');
  const header = await file.read(0, HEADER_BYTES);
  if (header.subarray(0, ZIP.length).equals(ZIP)) return null;
  if (header.subarray(0, COMPOUND.length).equals(COMPOUND)) return await explainCompound(file, header);
  return invalidFile(`the file is not an Excel workbook (.xlsx): ${SAVE_AS}, or choose the format that it has`);
}

async function explainCompound(file: LocalFile, header: Buffer): Promise<AppError> {
  const directory = await readDirectory(file, header);
  const has = (name: string): boolean => directory.includes(Buffer.from(name, 'utf16le'));
  if (has('EncryptedPackage')) {
    return invalidFile('the file is a workbook with a password, which cannot be read: save it without one');
  }
  if (has('Workbook') || has('Book')) {
    return invalidFile(`the file is a workbook of an old version of Excel (.xls), which cannot be read: ${SAVE_AS}`);
  }
  return invalidFile(`the file is not an Excel workbook (.xlsx), or it has a password: ${SAVE_AS}, without a password`);
}

async function readDirectory(file: LocalFile, header: Buffer): Promise<Buffer> {
  const MIN_SHIFT = 9;
  const MAX_SHIFT = 12;
  if (header.length < HEADER_BYTES) return Buffer.alloc(0);
  const shift = header.readUInt16LE(SECTOR_SHIFT_AT);
  if (shift < MIN_SHIFT || shift > MAX_SHIFT) return Buffer.alloc(0);
  const position = (header.readUInt32LE(DIRECTORY_AT) + 1) * 2 ** shift;
  return position < file.size ? await file.read(position, DIRECTORY_BYTES) : Buffer.alloc(0);
}

/** Why a zip file is no workbook, and what to do. */
export function explainNoWorkbook(has: (path: string) => boolean): AppError {
  if (has('xl/workbook.bin')) {
    return invalidFile(`the file is a binary workbook (.xlsb), which cannot be read: ${SAVE_AS}`);
  }
  if (has('content.xml')) {
    return invalidFile(`the file is an OpenDocument file (.ods), which cannot be read: ${SAVE_AS}`);
  }
  return invalidFile(`the file is a zip file, but not an Excel workbook (.xlsx): ${SAVE_AS}`);
}
