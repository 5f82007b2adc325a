import { AppError, type ErrorCode } from '@penstock/domain';
import type { HttpExchange } from './exchange.js';
import { shownUrl } from './file-url.js';

type Sentence = (url: URL) => string;

/** Somebody has to change something. */
const REFUSED: ReadonlyMap<number, Sentence> = new Map([
  [
    401,
    (url) =>
      `${url.host} asks who wants to read ${shownUrl(url)} (status 401): check headers, which Authorization may belong to`,
  ],
  [403, (url) => `${url.host} does not allow ${shownUrl(url)} to be read (status 403): check headers and path`],
  [404, (url) => `file ${shownUrl(url)} does not exist (status 404): check path`],
  [407, (url) => `a proxy before ${url.host} asks who sends the request (status 407): proxies are not supported`],
  [410, (url) => `file ${shownUrl(url)} does not exist any more (status 410): check path`],
]);

/** Answers that may be others a little later. */
const UNAVAILABLE: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * What an answer without a file means. Nothing of its body is in there. `details.retryAfterMs` is how long the server wants to
 * be left alone, if it says so.
 */
export function statusError(exchange: HttpExchange): AppError {
  const { url, response } = exchange;
  const status = response.statusCode;
  const sentence = REFUSED.get(status);
  if (sentence !== undefined) return new AppError('SourceRefused', { message: sentence(url) });
  const [code, message] = describe(status, url);
  const retryAfterMs = code === 'SourceUnavailable' ? parseRetryAfter(exchange.header('retry-after')) : null;
  return new AppError(code, { message, ...(retryAfterMs === null ? {} : { details: { retryAfterMs } }) });
}

/** The three ways of RFC 9110: a parser of dates takes nearly everything for one. */
const HTTP_DATE =
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$|^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} [\d:]{8} GMT$|^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}$/;

/** A header Retry-After, in seconds or as a time, in milliseconds from now. null when it is none. */
export function parseRetryAfter(header: string | null): number | null {
  if (header === null) return null;
  const MILLISECONDS = 1_000;
  if (/^\d{1,9}(?:\.\d{1,9})?$/.test(header)) return Number(header) * MILLISECONDS;
  const time = HTTP_DATE.test(header) ? Date.parse(header.endsWith('GMT') ? header : `${header} GMT`) : Number.NaN;
  return Number.isNaN(time) ? null : Math.max(0, time - Date.now());
}

function describe(status: number, url: URL): [ErrorCode, string] {
  if (status === 429) return ['SourceUnavailable', `${url.host} gets too many requests (status 429): try again later`];
  if (status >= 500 || UNAVAILABLE.has(status)) {
    return [
      'SourceUnavailable',
      `${url.host} cannot deliver ${shownUrl(url)} at the moment (status ${status}): try again later`,
    ];
  }
  return ['SourceRefused', `${url.host} answered ${shownUrl(url)} with status ${status} instead of a file: check path`];
}
