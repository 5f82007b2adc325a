import { AppError, type ErrorCode } from '@penstock/domain';
import { PRIVATE_ADDRESS, privateAddressError } from '../files/network-guard.js';
import { shownUrl } from './file-url.js';

const NOT_HTTP = 'HPE';

type Sentence = (url: URL, message: string) => string;

const noAnswer: Sentence = ({ host }) =>
  `no answer from ${host}: check host and port, and that no firewall is in between`;

/** What Node.js, undici and the network say, by code. Trying again may help. */
const UNAVAILABLE: ReadonlyMap<string, Sentence> = new Map([
  ['ENOTFOUND', ({ hostname }) => `host "${hostname}" is unknown: check host`],
  ['EAI_AGAIN', ({ hostname }) => `host "${hostname}" cannot be looked up at the moment`],
  ['ECONNREFUSED', ({ host }) => `nothing listens at ${host}: check host and port, and that the server is running`],
  ['ETIMEDOUT', noAnswer],
  ['EHOSTUNREACH', noAnswer],
  ['ENETUNREACH', noAnswer],
  ['UND_ERR_CONNECT_TIMEOUT', noAnswer],
  ['UND_ERR_HEADERS_TIMEOUT', ({ host }) => `${host} accepted the request, but did not answer it in time`],
  ['UND_ERR_BODY_TIMEOUT', (url) => `${shownUrl(url)}: the server stopped sending in the middle of the file`],
  [
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    (url) => `${shownUrl(url)}: the file was cut off: the connection ended before its last byte`,
  ],
]);

const lost: Sentence = ({ host }) =>
  `the connection to ${host} was closed or broke: check host, port and tls if it happens again`;
const notHttp: Sentence = ({ host }) =>
  `${host} does not answer as an HTTP server does, or the answer was cut off: check host, port and tls`;
const noTls: Sentence = ({ host }) => `${host} does not speak TLS: check port and tls`;
const badCertificate: Sentence = ({ host }, message) =>
  `the TLS certificate of ${host} cannot be trusted (${message}): check host, tls and ca`;

/** Explains why a request, or the transfer of its answer, failed: AppError `SourceUnavailable` or `SourceRefused`. */
export function httpError(error: unknown, url: URL): AppError {
  if (error instanceof AppError) return error;
  const { code, message } = partsOf(error);
  if (code === PRIVATE_ADDRESS) return privateAddressError(url.hostname);
  const [errorCode, sentence] = classify(code);
  return new AppError(errorCode, { message: sentence(url, message), cause: causeOf(error) });
}

function classify(code: string): [ErrorCode, Sentence] {
  const unavailable = UNAVAILABLE.get(code);
  if (unavailable !== undefined) return ['SourceUnavailable', unavailable];
  if (/CERT|VERIFY|ISSUER|ALTNAME/.test(code)) return ['SourceRefused', badCertificate];
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return ['SourceRefused', noTls];
  return code === NOT_HTTP ? ['SourceUnavailable', notHttp] : ['SourceUnavailable', lost];
}

/** What may be logged of an error: its members may hold what the server sent. */
function causeOf(error: unknown): Error {
  const { code, message } = partsOf(error);
  const name = error instanceof Error ? error.name : 'Error';
  return new Error(`${name} ${code}: ${message}`);
}

/** Of an attempt at several addresses, what the last one said. */
function partsOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return partsOf(error.errors.at(-1));
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  // It does not always have a code.
  const code: unknown = error.name === 'HTTPParserError' ? NOT_HTTP : Reflect.get(error, 'code');
  return { code: typeof code === 'string' ? code : '', message: error.message };
}
