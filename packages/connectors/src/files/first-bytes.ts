import { invalidFile } from './file-errors.js';

/** How the content is read: formats that read it as text, or those that go anywhere in it and know their own first bytes. */
export type ReadAs = 'stream' | 'local';

/** Bytes that are looked at: blanks may be in front of a web page. */
export const FIRST_BYTES = 256;

interface Kind {
  /** Whether content begins as this; what it begins with is text in Latin-1. */
  readonly begins: (start: string) => boolean;
  /** What the file is, and what to do. */
  readonly says: string;
}

const PAGE = /^(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)[\s>]/i;
/** A text may begin so too, but goes on as text. */
const PARQUET = /^PAR1[^\t\n\r\x20-\x7e]/;

const COMPRESSED_OR_PAGE: readonly Kind[] = [
  { begins: beginsWith('\x1f\x8b\x08'), says: 'is gzip data: set compression to Gzip' },
  { begins: beginsWith('\xff\x06\0\0sNaPpY'), says: 'is snappy data: set compression to Snappy' },
  {
    begins: (start) => PAGE.test(start),
    says: 'is a web page: check the path, and what the server answers without a login',
  },
];

/** What only a format of its own can read. */
const OF_OTHER_FORMATS: readonly Kind[] = [
  {
    begins: beginsWith('PK\x03\x04'),
    says: 'is a zip archive: set compression to Zip, or choose the format excel if it is a workbook',
  },
  { begins: (start) => PARQUET.test(start), says: 'is a Parquet file: choose the format parquet' },
  {
    begins: beginsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
    says: 'is an old Excel workbook or another Office file: save it as "Excel Workbook (.xlsx)" and choose the format excel',
  },
];

/** Refuses what is read as it is, but begins as something else. @throws AppError InvalidFile that says what it is */
export function checkFirstBytes(bytes: Uint8Array, readAs: ReadAs): void {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, FIRST_BYTES)).toString('latin1');
  const kinds = readAs === 'local' ? COMPRESSED_OR_PAGE : [...COMPRESSED_OR_PAGE, ...OF_OTHER_FORMATS];
  const kind = kinds.find(({ begins }) => begins(start));
  if (kind !== undefined) throw invalidFile(kind.says);
}

/** Passes bytes on after a look at the first ones. Throws as {@link checkFirstBytes}. */
export async function* withKnownStart(
  content: AsyncIterable<Uint8Array>,
  readAs: ReadAs,
): AsyncGenerator<Uint8Array, void, undefined> {
  const first: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    if (length >= FIRST_BYTES) {
      yield chunk;
      continue;
    }
    first.push(chunk);
    length += chunk.length;
    if (length < FIRST_BYTES) continue;
    checkFirstBytes(Buffer.concat(first, FIRST_BYTES), readAs);
    yield* first.splice(0);
  }
  if (length >= FIRST_BYTES) return;
  checkFirstBytes(Buffer.concat(first), readAs);
  yield* first;
}

function beginsWith(prefix: string): (start: string) => boolean {
  return (start) => start.startsWith(prefix);
}
