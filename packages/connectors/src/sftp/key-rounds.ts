/** ssh-keygen makes 16 to 24 of them; one takes some milliseconds in which nothing else runs. */
const MAX_ROUNDS = 64;

const MAGIC = 'openssh-key-v1\0';

/**
 * Whether deriving the key of an encrypted private key in OpenSSH's form takes a bounded time: the number of its rounds is
 * written in it, and may be anything. Keys in other forms have no such number.
 */
export function hasBearableRounds(privateKey: string): boolean {
  const [, base64] = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(privateKey) ?? [];
  if (base64 === undefined) return true;
  const key = Buffer.from(base64, 'base64');
  if (key.toString('latin1', 0, MAGIC.length) !== MAGIC) return true;
  const cipher = textAt(key, MAGIC.length);
  const derivation = textAt(key, cipher.end);
  const options = textAt(key, derivation.end);
  if (derivation.text.toString('latin1') !== 'bcrypt') return true;
  const salt = textAt(options.text, 0);
  return salt.end + 4 <= options.text.length && options.text.readUInt32BE(salt.end) <= MAX_ROUNDS;
}

/** A text with its length before it. */
function textAt(bytes: Buffer, start: number): { readonly text: Buffer; readonly end: number } {
  if (start + 4 > bytes.length) return { text: Buffer.alloc(0), end: bytes.length };
  const end = start + 4 + bytes.readUInt32BE(start);
  return { text: bytes.subarray(start + 4, end), end };
}
