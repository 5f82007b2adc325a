import type { StoredFile } from '../files/file-storage.js';
import type { HttpExchange } from './exchange.js';

/** Stands between time and length in a version. */
const SEPARATOR = '; ';

/** What an answer says about the file that it brings, all of it or a part. */
export function describeFile(path: string, exchange: HttpExchange, size: number | null): StoredFile {
  const lastModified = exchange.header('last-modified');
  const modifiedAt = lastModified === null ? Number.NaN : Date.parse(lastModified);
  return {
    path,
    size,
    modifiedAt: Number.isNaN(modifiedAt) ? null : new Date(modifiedAt),
    version: strongEtag(exchange) ?? (lastModified === null ? null : `${lastModified}${SEPARATOR}${size ?? ''}`),
  };
}

/** What to ask with for the rest of a version: the rest only if nothing has changed, and otherwise all. */
export function ifRange(version: string): string {
  return version.startsWith('"') ? version : (version.split(SEPARATOR, 1)[0] ?? version);
}

/** Whether two descriptions are of the same content. A length that only one of them has says nothing. */
export function isSame(before: StoredFile, now: StoredFile): boolean {
  if (before.version === null || now.version === null) return false;
  if (before.size !== null && now.size !== null && before.size !== now.size) return false;
  return ifRange(before.version) === ifRange(now.version);
}

/** A weak one says that two versions mean the same, not that they have the same bytes. */
function strongEtag(exchange: HttpExchange): string | null {
  const etag = exchange.header('etag');
  return etag !== null && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag) ? etag : null;
}
