import { AppError } from '@penstock/domain';
import type { StoredFile } from '../files/file-storage.js';
import { type ContentRange, parseContentRange, parseLength } from './content-range.js';
import type { HttpExchange } from './exchange.js';
import { shownUrl } from './file-url.js';
import type { BodyPart } from './http-body.js';
import { statusError } from './status-error.js';
import { describeFile, isSame } from './validators.js';

const OK = 200;
const PARTIAL = 206;
const RANGE_NOT_SATISFIABLE = 416;

/** A file as it was told before, and as it is told now. */
interface Descriptions {
  readonly before: StoredFile;
  readonly now: StoredFile;
}

/** What an answer with a whole file brings. Throws AppError for any other answer. */
export function readWhole(exchange: HttpExchange, { path }: StoredFile): [StoredFile, BodyPart] {
  if (exchange.response.statusCode !== OK) throw statusError(exchange);
  checkEncoding(exchange);
  const size = parseLength(exchange.header('content-length'));
  return [describeFile(path, exchange, size), { skip: 0, length: size }];
}

/**
 * What an answer brings of the rest of a file: that, or all of it from a server that does not send parts. Throws AppError
 * `SourceUnavailable` when it is not, or may not be, the rest of the same file.
 */
export function readRest(exchange: HttpExchange, file: StoredFile, offset: number): [StoredFile, BodyPart] {
  const { statusCode } = exchange.response;
  if (statusCode === OK) {
    const [whole] = readWhole(exchange, file);
    if (!isSame(file, whole)) throw changed(exchange.url);
    return [keep(file, whole), { skip: offset, length: whole.size === null ? null : whole.size - offset }];
  }
  if (statusCode !== PARTIAL && statusCode !== RANGE_NOT_SATISFIABLE) throw statusError(exchange);
  const range = parseContentRange(exchange.header('content-range'));
  const total = range?.total ?? file.size;
  const part = describeFile(file.path, exchange, total);
  if (statusCode === RANGE_NOT_SATISFIABLE)
    return [keep(file, part), nothingLeft(exchange, { before: file, now: part }, offset)];
  checkEncoding(exchange);
  checkPart(exchange, range, offset);
  if (!isSamePart({ before: file, now: part })) throw changed(exchange.url);
  return [keep(file, part), { skip: 0, length: total === null ? null : total - offset }];
}

/** The version stays as it was told first: it may have been made without a length. */
function keep({ version }: StoredFile, now: StoredFile): StoredFile {
  return { ...now, version };
}

/** The connection broke after the last byte, or the file is shorter now. */
function nothingLeft(exchange: HttpExchange, { before, now }: Descriptions, offset: number): BodyPart {
  const other = now.version !== null && !isSame(before, now);
  if (other || now.size !== offset) throw changed(exchange.url);
  return { skip: Number.POSITIVE_INFINITY, length: 0 };
}

/**
 * A part that comes at all is of the version that was asked for. Servers may leave out its time then, but not its ETag; those that
 * did not look at the condition say both.
 */
function isSamePart({ before, now }: Descriptions): boolean {
  const silent = now.version === null && before.version?.startsWith('"') === false;
  return silent ? now.size !== null && now.size === before.size : isSame(before, now);
}

function checkPart({ url }: HttpExchange, range: ContentRange | null, offset: number): void {
  if (range !== null && range.start === offset) return;
  const message = `${shownUrl(url)}: the server sent another part of the file than it was asked for; try again later`;
  throw new AppError('SourceUnavailable', { message });
}

/** A file that is compressed itself may be sent with that as its encoding. What was compressed on the way cannot be continued. */
function checkEncoding(exchange: HttpExchange): void {
  const encoding = exchange.header('content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return;
  if (/^(x-)?gzip$/.test(encoding) && /\.t?gz$/i.test(exchange.url.pathname)) return;
  const message = `${shownUrl(exchange.url)}: the server compresses the file on the way (content-encoding ${encoding.slice(0, 20)}), although it was asked not to: switch that off there for this file`;
  throw new AppError('SourceRefused', { message });
}

function changed(url: URL): AppError {
  const message = `${shownUrl(url)}: the file changed while it was read; run again when it is complete`;
  return new AppError('SourceUnavailable', { message, details: { changed: true } });
}
