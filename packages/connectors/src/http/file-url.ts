import { AppError } from '@penstock/domain';
import { type HttpSettings, originOf } from './settings.js';

const SCHEME = /^[a-z][a-z0-9+.-]{0,20}:\/\//i;
const DOTS = /^(?:\.|%2e){1,2}$/i;

/**
 * The URL of a path: `/dir/file.csv?day=1`, with or without its first slash. Escapes stay as they are, and what a URL cannot
 * hold is escaped. @throws AppError InvalidPath
 */
export function fileUrl(settings: HttpSettings, path: string): URL {
  const problem = problemOf(path);
  if (problem !== null) throw new AppError('InvalidPath', { message: `path ${problem}` });
  const absolute = path.startsWith('/') ? path : `/${path}`;
  return new URL(`${originOf(settings)}${absolute.replaceAll(' ', '%20')}`);
}

/** A URL for messages: what is after the question mark may be a secret. */
export function shownUrl({ origin, pathname, search }: URL): string {
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}

/** A path for messages, for the same reason. */
export function shownPath(path: string): string {
  const query = path.indexOf('?');
  return query === -1 ? path : `${path.slice(0, query)}?…`;
}

function problemOf(path: string): string | null {
  if (path === '') return 'must not be empty';
  const scheme = SCHEME.exec(path);
  if (scheme !== null) return `must not begin with ${scheme[0]}: give only what follows the host`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(path)) return 'must not contain control characters';
  if (path.includes('#')) return 'must not contain #: write %23 for the character itself';
  if (path.includes('\\')) return 'must not contain \\: write %5C for the character itself';
  if (/%(?![0-9a-f]{2})/i.test(path))
    return 'has a % that is not followed by two hexadecimal digits: write %25 for the character itself';
  const [beforeQuery = ''] = path.split('?', 1);
  if (beforeQuery.split('/').some((name) => DOTS.test(name))) return 'must not contain the elements . and ..';
  return null;
}
