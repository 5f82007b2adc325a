import { createHash } from 'node:crypto';
import { AppError } from '@penstock/domain';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import ssh2 from 'ssh2';
import { hostAndPort } from '../host-and-port.js';
import type { SftpSettings } from './settings.js';

/** Algorithms that sign with a key of RSA; `ssh-rsa` is SHA-1, for servers that know nothing else. */
const RSA_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'];

/** A key is three words; the last is a comment. */
const ONE_LINE = /^\s*(\S+)\s+([A-Za-z0-9+/]+={0,2})(\s[^\r\n]*)?\s*$/;

/** Whether a text is a public key as OpenSSH writes them. */
export function isHostPublicKey(text: string): boolean {
  return blobOf(text) !== null;
}

/**
 * The algorithms to ask a server for, so that it shows the key that we know: it may have others. undefined: all.
 */
export function hostKeyAlgorithms({ hostPublicKey }: SftpSettings): ServerHostKeyAlgorithm[] | undefined {
  const type = hostPublicKey === undefined ? undefined : ONE_LINE.exec(hostPublicKey)?.[1];
  if (type === undefined) return undefined;
  return type === 'ssh-rsa' ? [...RSA_ALGORITHMS] : [type as ServerHostKeyAlgorithm];
}

/** Why a server with this key is not talked to; null when it is the right one. */
export function hostKeyProblem(settings: SftpSettings, key: Buffer): AppError | null {
  const address = hostAndPort(settings);
  const shown = fingerprint(key);
  if (settings.hostPublicKey === undefined) {
    if (settings.trustUnknownHost) return null;
    return refused(
      `the host key of ${address} is not known yet: if its fingerprint is ${shown}, set hostPublicKey to "${oneLine(key)}"`,
    );
  }
  const expected = blobOf(settings.hostPublicKey);
  if (expected?.equals(key) === true) return null;
  return refused(
    `the host key of ${address} is not hostPublicKey: its fingerprint is ${shown}, that of hostPublicKey is ${expected === null ? 'unknown' : fingerprint(expected)}; check host and port, and change hostPublicKey only if the server has a new key`,
  );
}

/** As OpenSSH shows it: `SHA256:...`. */
function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function oneLine(key: Buffer): string {
  const typeLength = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return `${key.toString('latin1', 4, 4 + Math.min(typeLength, 64))} ${key.toString('base64')}`;
}

function blobOf(text: string): Buffer | null {
  const [, type, base64] = ONE_LINE.exec(text) ?? [];
  if (type === undefined || base64 === undefined) return null;
  const key = ssh2.utils.parseKey(`${type} ${base64}`);
  return key instanceof Error || key.isPrivateKey() ? null : key.getPublicSSH();
}

function refused(message: string): AppError {
  return new AppError('SourceRefused', { message });
}
