import { AppError } from '@penstock/domain';
import type { Archive } from './archive.js';
import { explainNoWorkbook } from './file-kind.js';
import { invalidFile, tooLarge } from './invalid-file.js';
import { MAX_SHEETS } from './limits.js';
import { type Relationship, readRelationships } from './relationships.js';
import { localName, readXml, type XmlElement } from './xml-part.js';

/** A sheet with cells. */
export interface Sheet {
  readonly name: string;
  /** Path of its part in the archive. */
  readonly path: string;
}

export interface Workbook {
  /** Sheets with cells and a valid name, in their order. Sheets that are hidden are among them. */
  readonly sheets: readonly Sheet[];
  /** Whether days count from 1904, as old versions of Excel for the Mac did. */
  readonly date1904: boolean;
  /** Path of the shared strings; null where the workbook has none. */
  readonly sharedStrings: string | null;
  /** Path of the styles; null where the workbook has none. */
  readonly styles: string | null;
}

const MAX_SHEET_NAME_LENGTH = 31;
/** Sheets that a message names. */
const MAX_NAMED_SHEETS = 20;

/** @throws AppError InvalidFile */
export async function readWorkbook(archive: Archive, signal: AbortSignal): Promise<Workbook> {
  const path = await findWorkbook(archive, signal);
  const relationships = await readRelationships(archive, path, signal);
  const found: XmlElement[] = [];
  let date1904 = false;
  const visit = (element: XmlElement): void => {
    if (element.name === 'sheet' && element.parent === 'sheets') found.push(element);
    if (found.length > MAX_SHEETS) throw tooLarge('workbook', `${MAX_SHEETS} sheets`);
    if (element.name === 'workbookPr') date1904 = isTrue(element.attributes.date1904);
  };
  await readXml(archive, { path, name: 'workbook', visit }, signal);
  return {
    sheets: listSheets(found, relationships),
    date1904,
    sharedStrings: findPart(relationships, 'sharedStrings'),
    styles: findPart(relationships, 'styles'),
  };
}

/** The sheet with a name, whatever its upper and lower case. @throws AppError SheetNotExist */
export function findSheet(workbook: Workbook, name: string | null): Sheet {
  const wanted = name?.toLowerCase();
  const sheet = workbook.sheets.find((candidate) => candidate.name.toLowerCase() === wanted);
  if (sheet !== undefined) return sheet;
  const problem = name === null ? 'no sheet is named' : `sheet ${JSON.stringify(name)} does not exist`;
  throw new AppError('SheetNotExist', { message: `${problem}: the file has ${nameSheets(workbook)}` });
}

async function findWorkbook(archive: Archive, signal: AbortSignal): Promise<string> {
  if (!archive.has('_rels/.rels')) throw explainNoWorkbook((path) => archive.has(path));
  const path = findPart(await readRelationships(archive, '', signal), 'officeDocument');
  // Documents of Word and binary workbooks have that relationship too.
  if (path === null || !path.toLowerCase().endsWith('.xml') || archive.has('word/document.xml')) {
    throw explainNoWorkbook((part) => archive.has(part));
  }
  return path;
}

function findPart(relationships: ReadonlyMap<string, Relationship>, type: string): string | null {
  for (const relationship of relationships.values()) if (relationship.type === type) return relationship.path;
  return null;
}

function listSheets(found: readonly XmlElement[], relationships: ReadonlyMap<string, Relationship>): readonly Sheet[] {
  const sheets: Sheet[] = [];
  for (const { attributes } of found) {
    const name = attributes.name ?? '';
    const target = relationships.get(relationshipId(attributes));
    if (target === undefined) throw invalidFile('the file is corrupt: its workbook names a sheet that is not there');
    if (target.type === 'worksheet' && isSheetName(name)) sheets.push({ name, path: target.path });
  }
  return sheets;
}

/** The attribute `id` with the prefix of relationships, which may be any; `sheetId` is another one. */
function relationshipId(attributes: XmlElement['attributes']): string {
  for (const [name, value] of Object.entries(attributes))
    if (name.includes(':') && localName(name) === 'id') return value;
  return '';
}

function isSheetName(name: string): boolean {
  const { length } = [...name.slice(0, 2 * MAX_SHEET_NAME_LENGTH + 1)];
  if (length < 1 || length > MAX_SHEET_NAME_LENGTH) return false;
  return !/^'|'$|[*/:?[\\\]\0]/.test(name);
}

function nameSheets({ sheets }: Workbook): string {
  if (sheets.length === 0) return 'no sheets with cells';
  const names = sheets.slice(0, MAX_NAMED_SHEETS).map(({ name }) => JSON.stringify(name));
  const more = sheets.length - names.length;
  return more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`;
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}
