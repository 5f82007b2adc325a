import { setImmediate } from 'node:timers/promises';
import type { AppError } from '@penstock/domain';
import type { LocalFile } from '../files/file-format.js';
import { corrupt, unreadable } from './corrupt.js';
import { readSchemaElement, type SchemaElement } from './schema-element.js';
import { ThriftReader } from './thrift-reader.js';

const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
/** The length of the metadata, and the magic. */
const TRAILER_BYTES = 8;
const MAGIC_BYTES = 4;

/** Bytes of metadata that are read: 100,000 chunks of columns have about 16 MiB. */
const MAX_METADATA_BYTES = 32 * 1024 * 1024;
const MAX_ROW_GROUPS = 100_000;
/** Bytes of row groups that are looked through at once. */
const PIECE_BYTES = 1024 * 1024;
const MAX_ELEMENTS = 50_000;

const ENCRYPTED = 'it is encrypted; give Penstock one that is not';

/** What the end of a file says about it. */
export interface Footer {
  readonly schema: readonly SchemaElement[];
  /** Records of the file. */
  readonly rows: number;
  readonly bytes: Buffer;
  /** Where in `bytes` the row groups are: they are decoded one at a time, as there may be many with many columns. */
  readonly groups: readonly number[];
  /** Where in the file the data ends. */
  readonly dataEnd: number;
}

/** Throws AppError InvalidFile. */
export async function readFooter(file: LocalFile): Promise<Footer> {
  if (file.size === 0) throw corrupt('it is empty');
  const head = (await file.read(0, Math.min(MAGIC_BYTES, file.size))).toString('latin1');
  if (head === ENCRYPTED_MAGIC) throw unreadable(ENCRYPTED);
  if (head !== MAGIC)
    throw unreadable(`it is no Parquet file, as it does not begin with ${MAGIC}; choose the format that it has`);
  if (file.size < MAGIC_BYTES + TRAILER_BYTES) throw corrupt('its metadata is missing');
  const trailer = await file.read(file.size - TRAILER_BYTES, TRAILER_BYTES);
  const magic = trailer.toString('latin1', MAGIC_BYTES);
  if (magic === ENCRYPTED_MAGIC) throw unreadable(ENCRYPTED);
  if (magic !== MAGIC) throw corrupt(`it does not end with ${MAGIC}, where its metadata is`);
  const length = trailer.readUInt32LE(0);
  const start = file.size - TRAILER_BYTES - length;
  if (start < MAGIC_BYTES) throw corrupt('its metadata is said to be longer than the file');
  if (length > MAX_METADATA_BYTES) {
    throw unreadable(
      `it has ${length} bytes of metadata, at most ${MAX_METADATA_BYTES} are read; use larger row groups`,
    );
  }
  const bytes = await file.read(start, length);
  if (bytes.length < length) throw corrupt('its metadata is cut off');
  return await decodeFooter(bytes, start);
}

async function decodeFooter(bytes: Buffer, dataEnd: number): Promise<Footer> {
  const reader = new ThriftReader(bytes, 0);
  const schema: SchemaElement[] = [];
  const groups: number[] = [];
  let rows = -1;
  let hasGroups = false;
  for (const [id, type] of reader.fields()) {
    if (id === 2) reader.list(type, (element) => schema.push(checkedElement(reader, element, schema.length)));
    else if (id === 3) rows = reader.int(type);
    else if (id === 4) {
      hasGroups = true;
      await findGroups(reader, type, groups);
    } else reader.skip(type);
    await pause(reader);
  }
  if (rows < 0 || !hasGroups) throw corrupt('its metadata does not say how many records it has');
  return { schema, rows, bytes, groups, dataEnd };
}

async function findGroups(reader: ThriftReader, type: number, groups: number[]): Promise<void> {
  let next = reader.offset;
  for (const group of reader.elements(type)) {
    if (groups.length === MAX_ROW_GROUPS) throw tooManyGroups();
    groups.push(reader.offset);
    reader.skip(group);
    if (reader.offset < next) continue;
    next = reader.offset + PIECE_BYTES;
    await pause(reader);
  }
}

/** Lets other things happen. */
async function pause(reader: ThriftReader): Promise<void> {
  await setImmediate();
  reader.paused();
}

function tooManyGroups(): AppError {
  return unreadable(`it has more than ${MAX_ROW_GROUPS} row groups; use larger ones`);
}

function checkedElement(reader: ThriftReader, type: number, count: number): SchemaElement {
  if (count >= MAX_ELEMENTS) throw unreadable(`its schema has more than ${MAX_ELEMENTS} elements`);
  return readSchemaElement(reader, type);
}
