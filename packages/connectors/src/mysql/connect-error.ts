import { AppError, type ErrorCode } from '@penstock/domain';
import { hostAndPort } from '../host-and-port.js';
import { causeOf } from './query-error.js';
import { isUnavailable, ServerError } from './server-error.js';
import type { MysqlSettings } from './settings.js';

/** The server did not answer for as long as one waits. */
export class NoAnswerError extends Error {
  readonly code = 'ETIMEDOUT';
}

type Sentence = (settings: MysqlSettings, message: string) => string;

const noAnswer: Sentence = (s) =>
  `no answer from ${hostAndPort(s)}: check host and port, and that no firewall is in between`;
const badCertificate: Sentence = (s, message) =>
  `the TLS certificate of ${hostAndPort(s)} cannot be trusted (${message}): check host, tls and ca`;
const notMysql: Sentence = (s) =>
  `${hostAndPort(s)} is not a MySQL or MariaDB server, or closed the connection: check host and port`;
const noSecureConnection: Sentence = (s, message) =>
  `TLS with ${hostAndPort(s)} could not be established (${message}): check tls`;
const noTls: Sentence = (s) => `${hostAndPort(s)} does not offer TLS: check tls`;
const blocked: Sentence = (s, message) => `${hostAndPort(s)} does not let this machine connect (${message})`;
const refused: Sentence = (s, message) => `${hostAndPort(s)} refused the connection: ${message}`;

/** What Node.js, the network and the driver say, by code. Trying again may help. */
const UNAVAILABLE: ReadonlyMap<string, Sentence> = new Map([
  ['ENOTFOUND', (s) => `host "${s.host}" is unknown: check host`],
  ['EAI_AGAIN', (s) => `host "${s.host}" cannot be looked up at the moment`],
  [
    'ECONNREFUSED',
    (s) => `nothing listens at ${hostAndPort(s)}: check host and port, and that the database is running`,
  ],
  ['ECONNRESET', (s) => `${hostAndPort(s)} closed the connection before it was made: check host, port and tls`],
  ['ETIMEDOUT', noAnswer],
  ['EHOSTUNREACH', noAnswer],
  ['ENETUNREACH', noAnswer],
]);

/** The driver puts its own code in the place of the one that says what is wrong. */
const TLS_FAILED = 'HANDSHAKE_SSL_ERROR';
const CERTIFICATE = /certificate|\bcert\b|issuer/i;

/** What the driver finds out by itself. Somebody has to change something. */
const REFUSED_BY_DRIVER: ReadonlyMap<string, Sentence> = new Map([
  ['HANDSHAKE_NO_SSL_SUPPORT', noTls],
  [
    'AUTH_SWITCH_PLUGIN_ERROR',
    (s, message) => `cannot log in at ${hostAndPort(s)} (${message}): check username, or how the user authenticates`,
  ],
]);

const accessDenied: Sentence = (s) =>
  `${hostAndPort(s)} refused user "${s.username}": check username and password${s.tls === 'disable' ? ', and tls if the user must use it' : ''}`;
const cannotLogIn: Sentence = (s, message) =>
  `${hostAndPort(s)} does not let user "${s.username}" log in (${message}): check username`;

/** What the server says, by number of the error. Somebody has to change something. */
const REFUSED: ReadonlyMap<number, Sentence> = new Map([
  [1044, (s) => `user "${s.username}" may not use database "${s.database}": grant it SELECT there, or check database`],
  [1045, accessDenied],
  [1049, (s) => `database "${s.database}" does not exist at ${hostAndPort(s)}: check database`],
  [1129, blocked],
  [1130, blocked],
  [1251, cannotLogIn],
  [1524, cannotLogIn],
  [1698, accessDenied],
  [1820, cannotLogIn],
  [1862, cannotLogIn],
  [3118, cannotLogIn],
  [3159, (s) => `${hostAndPort(s)} lets nobody log in without TLS: check tls`],
  [4151, cannotLogIn],
]);

/** Explains why a session could not be had: AppError `SourceUnavailable` or `SourceRefused`, naming the setting to look at. */
export function connectError(error: unknown, settings: MysqlSettings): AppError {
  const { code, errno, message } = partsOf(error);
  const [errorCode, sentence] = errno > 0 ? classifyServerError(errno) : classify(code, message);
  return new AppError(errorCode, { message: sentence(settings, message), cause: causeOf(error) });
}

function classify(code: string, message: string): [ErrorCode, Sentence] {
  if (code === TLS_FAILED) {
    return CERTIFICATE.test(message) ? ['SourceRefused', badCertificate] : ['SourceUnavailable', noSecureConnection];
  }
  const byDriver = REFUSED_BY_DRIVER.get(code);
  if (byDriver !== undefined) return ['SourceRefused', byDriver];
  return ['SourceUnavailable', UNAVAILABLE.get(code) ?? notMysql];
}

function classifyServerError(errno: number): [ErrorCode, Sentence] {
  const known = REFUSED.get(errno);
  if (known !== undefined) return ['SourceRefused', known];
  return [isUnavailable(errno) ? 'SourceUnavailable' : 'SourceRefused', refused];
}

/** The numbers of Node.js's own errors are negative. */
function partsOf(error: unknown): { readonly code: string; readonly errno: number; readonly message: string } {
  if (error instanceof ServerError) return { code: '', errno: error.errno, message: error.message };
  if (!(error instanceof Error)) return { code: '', errno: 0, message: String(error) };
  const code: unknown = Reflect.get(error, 'code');
  const errno: unknown = Reflect.get(error, 'errno');
  // What OpenSSL calls the reason, without its places in files.
  const reason: unknown = Reflect.get(error, 'reason');
  return {
    code: typeof code === 'string' ? code : '',
    errno: typeof errno === 'number' ? errno : 0,
    message: typeof reason === 'string' ? reason : error.message,
  };
}
