import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '@penstock/domain';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

/** Encrypts what must not be readable in the database. */
export interface Secrets {
  /** `v1.<key id>.<base64 of nonce, tag and ciphertext>` */
  encrypt(plain: string): string;
  /** @throws AppError SettingsUnreadable when the key is missing or the text was changed. */
  decrypt(text: string): string;
}

export interface MasterKey {
  /** Written into every ciphertext, so that keys can be rotated: new ones encrypt, old ones go on decrypting. */
  readonly id: string;
  readonly key: Buffer;
}

/** AES-256-GCM under the first of `keys`; all of them decrypt. */
export function createSecrets(keys: readonly MasterKey[]): Secrets {
  const [current] = keys;
  if (current === undefined) throw new Error('at least one master key is needed');
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  return {
    encrypt: (plain) => `${VERSION}.${current.id}.${seal(current.key, plain)}`,
    decrypt: (text) => {
      const [version, id, sealed] = text.split('.');
      const key = byId.get(id ?? '');
      if (version !== VERSION || key === undefined || sealed === undefined) throw new AppError('SettingsUnreadable');
      return unseal(key, sealed);
    },
  };
}

/**
 * Reads `[id:]base64[,[id:]base64...]`; a key without an id gets `k1`.
 * @throws Error that says which key is wrong, never what it is.
 */
export function parseMasterKeys(text: string): MasterKey[] {
  return text.split(',').map((entry, index) => {
    const [id, encoded] = entry.includes(':') ? entry.trim().split(':', 2) : [`k${index + 1}`, entry.trim()];
    const key = Buffer.from(encoded ?? '', 'base64');
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id ?? '') || key.length !== KEY_BYTES) {
      throw new Error(`master key ${index + 1} is not "[id:]base64 of ${KEY_BYTES} bytes"`);
    }
    return { id: id ?? '', key };
  });
}

function seal(key: Buffer, plain: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
}

function unseal(key: Buffer, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new AppError('SettingsUnreadable', { cause });
  }
}
