import { AppError, type ErrorCode } from '@penstock/domain';
import { PRIVATE_ADDRESS, privateAddressError } from '../files/network-guard.js';
import { hostAndPort } from '../host-and-port.js';
import type { SftpSettings } from './settings.js';

type Sentence = (settings: SftpSettings) => string;

const noAnswer: Sentence = (s) =>
  `no answer from ${hostAndPort(s)}: check host and port, and that no firewall is in between`;
const notSsh: Sentence = (s) => `${hostAndPort(s)} is not an SSH server, or closed the connection: check host and port`;
const refusedUser: Sentence = (s) =>
  s.privateKey === undefined
    ? `${hostAndPort(s)} refused the password of user "${s.username}": check username and password`
    : `${hostAndPort(s)} refused the key of user "${s.username}": check username and privateKey, and that the server knows the key`;
const noCommonAlgorithms: Sentence = (s) =>
  `${hostAndPort(s)} offers only outdated ways to encrypt or to sign, which are not used: the server must be updated`;
const noSuchHostKey: Sentence = (s) =>
  s.hostPublicKey === undefined
    ? noCommonAlgorithms(s)
    : `${hostAndPort(s)} has no host key of the type of hostPublicKey: check hostPublicKey`;

/** What the network says, by code. Trying again may help. */
const UNAVAILABLE: ReadonlyMap<string, Sentence> = new Map([
  ['ENOTFOUND', (s) => `host "${s.host}" is unknown: check host`],
  ['EAI_AGAIN', (s) => `host "${s.host}" cannot be looked up at the moment`],
  ['ECONNREFUSED', (s) => `nothing listens at ${hostAndPort(s)}: check host and port, and that the server is running`],
  ['ECONNRESET', (s) => `${hostAndPort(s)} closed the connection before it was made: check host and port`],
  ['ETIMEDOUT', noAnswer],
  ['EHOSTUNREACH', noAnswer],
  ['ENETUNREACH', noAnswer],
]);

/** What ssh2 says, by a part of its message. Its errors have no codes. */
const SAID: readonly (readonly [part: string, code: ErrorCode, sentence: Sentence])[] = [
  ['authentication methods failed', 'SourceRefused', refusedUser],
  ['Too many authentication failures', 'SourceRefused', refusedUser],
  ['no matching host key', 'SourceRefused', noSuchHostKey],
  ['no matching', 'SourceRefused', noCommonAlgorithms],
  ['Timed out while waiting for handshake', 'SourceUnavailable', noAnswer],
  [
    'Unable to start subsystem',
    'SourceRefused',
    (s) => `${hostAndPort(s)} does not offer SFTP to user "${s.username}"`,
  ],
  ['parse privateKey', 'SourceRefused', () => 'privateKey cannot be read: check privateKey and passphrase'],
  ['private key', 'SourceRefused', () => 'privateKey is not a private key: check privateKey'],
  [
    'password has expired',
    'SourceRefused',
    (s) => `the password of user "${s.username}" has expired at ${hostAndPort(s)}: change it there`,
  ],
];

/**
 * Explains why there is no connection: AppError `SourceUnavailable` or `SourceRefused`, naming the setting to look at. Words
 * of the server are not passed on: it knows the password and may repeat it.
 */
export function connectError(error: unknown, settings: SftpSettings): AppError {
  if (error instanceof AppError) return error;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (code === PRIVATE_ADDRESS) return privateAddressError(settings.host);
  const unavailable = typeof code === 'string' ? UNAVAILABLE.get(code) : undefined;
  if (unavailable !== undefined) {
    return new AppError('SourceUnavailable', { message: unavailable(settings), cause: error });
  }
  const text = error instanceof Error ? error.message : '';
  const said = SAID.find(([part]) => text.includes(part));
  if (said === undefined) return new AppError('SourceUnavailable', { message: notSsh(settings) });
  return new AppError(said[1], { message: said[2](settings) });
}

/** There is no connection after as long as one waits for it. */
export function notAnswering(settings: SftpSettings): AppError {
  return new AppError('SourceUnavailable', { message: noAnswer(settings) });
}

/** The connection ended while something was read. */
export function connectionLost(settings: SftpSettings): AppError {
  return new AppError('SourceUnavailable', { message: `${hostAndPort(settings)} closed the connection, or it broke` });
}

/** The server did not answer for as long as one waits. */
export function answerMissing(settings: SftpSettings): AppError {
  return new AppError('SourceUnavailable', { message: `${hostAndPort(settings)} stopped answering` });
}

/** What came instead of an answer: an error with a number is the server's own; the others mean that there is no answer any more. */
export function answerError(error: Error, settings: SftpSettings): Error {
  return typeof Reflect.get(error, 'code') === 'number' ? error : connectionLost(settings);
}
