import type { AppError } from '@penstock/domain';
import { cannotWrite, notNow } from '../files/destination-error.js';
import type { HttpExchange } from './exchange.js';
import { shownUrl } from './file-url.js';
import { parseRetryAfter } from './status-error.js';

/** Answers that mean that the file was taken. */
const TAKEN: ReadonlySet<number> = new Set([200, 201, 202, 204]);
/** Answers that may be others a little later. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

type Sentence = (url: URL) => string;

/** Somebody has to change something. */
const REFUSED: ReadonlyMap<number, Sentence> = new Map([
  [401, (url) => `${url.host} asks who sends ${shownUrl(url)}: check headers, which Authorization may belong to`],
  [403, (url) => `${url.host} does not allow files to be sent to ${shownUrl(url)}: check headers and path`],
  [404, (url) => `${shownUrl(url)} does not exist: check path`],
  [405, (url) => `${shownUrl(url)} does not take files by POST: check path`],
  [407, (url) => `a proxy before ${url.host} asks who sends the request: proxies are not supported`],
  [411, (url) => `${url.host} wants to know the length of a file before it is made, which nobody knows`],
  [413, (url) => `the file is larger than ${url.host} allows at ${shownUrl(url)}`],
  [
    415,
    (url) => `${shownUrl(url)} does not take files of this type: check the format and the compression of the pipeline`,
  ],
]);

/** What an answer to a file means; null: it was taken. Nothing of the answer's body is in there. */
export function postProblem(exchange: HttpExchange): AppError | null {
  const { url, response } = exchange;
  const { statusCode: status } = response;
  if (TAKEN.has(status)) return null;
  const sentence = REFUSED.get(status);
  if (sentence !== undefined) return cannotWrite(`${sentence(url)} (status ${status})`);
  if (status >= 500 || LATER.has(status)) return unavailable(exchange);
  if (status >= 300 && status < 400) {
    return cannotWrite(
      `${shownUrl(url)} is redirected (status ${status}), which files that are sent do not follow: check path`,
    );
  }
  return cannotWrite(`${url.host} did not take the file at ${shownUrl(url)} (status ${status}): check path`);
}

/** `details.retryAfterMs` is how long the server wants to be left alone, if it says so. */
function unavailable(exchange: HttpExchange): AppError {
  const { url, response } = exchange;
  const message = `${url.host} cannot take ${shownUrl(url)} at the moment (status ${response.statusCode}): try again later`;
  const retryAfterMs = parseRetryAfter(exchange.header('retry-after'));
  return notNow(message, undefined, retryAfterMs === null ? undefined : { retryAfterMs });
}
