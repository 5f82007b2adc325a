import { AppError, type ErrorCode } from '@penstock/domain';
import pg from 'pg';
import { hostAndPort } from '../host-and-port.js';
import { causeOf, isUnavailable } from './query-error.js';
import type { PostgresqlSettings } from './settings.js';

/** The server did not answer for as long as one waits. */
export class NoAnswerError extends Error {
  readonly code = 'ETIMEDOUT';
}

type Sentence = (settings: PostgresqlSettings, message: string) => string;

const noAnswer: Sentence = (s) =>
  `no answer from ${hostAndPort(s)}: check host and port, and that no firewall is in between`;
const badCertificate: Sentence = (s, message) =>
  `the TLS certificate of ${hostAndPort(s)} cannot be trusted (${message}): check host, tls and ca`;
const notPostgresql: Sentence = (s) =>
  `${hostAndPort(s)} is not a PostgreSQL server, or closed the connection: check host and port`;

/** What Node.js and the network say, by code. Trying again may help. */
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

/** What the server says, by SQLSTATE. Somebody has to change something. */
const REFUSED: ReadonlyMap<string, Sentence> = new Map([
  ['28P01', (s) => `${hostAndPort(s)} refused the password of user "${s.username}": check username and password`],
  [
    '28000',
    (s, message) => `${hostAndPort(s)} refused user "${s.username}" (${message}): check username, password and tls`,
  ],
  ['3D000', (s) => `database "${s.database}" does not exist at ${hostAndPort(s)}: check database`],
  ['42501', (s, message) => `user "${s.username}" may not connect to database "${s.database}" (${message})`],
]);

/** Explains why a session could not be had: AppError `SourceUnavailable` or `SourceRefused`, naming the setting to look at. */
export function connectError(error: unknown, settings: PostgresqlSettings): AppError {
  const { code = '', message } = partsOf(error);
  const [errorCode, sentence] = classify(error, code, message);
  return new AppError(errorCode, { message: sentence(settings, message), cause: causeOf(error) });
}

function classify(error: unknown, code: string, message: string): [ErrorCode, Sentence] {
  const refused = REFUSED.get(code);
  if (refused !== undefined) return ['SourceRefused', refused];
  const unavailable = UNAVAILABLE.get(code);
  if (unavailable !== undefined) return ['SourceUnavailable', unavailable];
  if (error instanceof pg.DatabaseError) return classifyServerError(code);
  if (message.includes('does not support SSL')) {
    return ['SourceRefused', (s) => `${hostAndPort(s)} does not offer TLS: check tls`];
  }
  if (message.startsWith('SASL')) {
    return ['SourceRefused', (s, text) => `cannot log in at ${hostAndPort(s)} (${text}): check username and password`];
  }
  return /CERT|VERIFY/.test(code) ? ['SourceRefused', badCertificate] : ['SourceUnavailable', notPostgresql];
}

function classifyServerError(code: string): [ErrorCode, Sentence] {
  if (code === '') return ['SourceUnavailable', notPostgresql];
  return [
    isUnavailable(code) ? 'SourceUnavailable' : 'SourceRefused',
    (settings, message) => `${hostAndPort(settings)} refused the connection: ${message}`,
  ];
}

function partsOf(error: unknown): { readonly code?: string; readonly message: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? { code, message: error.message } : { message: error.message };
}
