import type { IncomingMessage } from 'node:http';
import { AppError } from '@penstock/domain';
import { parseJson } from './parse-json.js';

const MAX_BODY_BYTES = 512 * 1024;
const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*(?:utf-8|"utf-8")[ \t]*)?;?[ \t]*$/i;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export interface RequestBody {
  /** The text as it was sent; an Idempotency-Key is bound to it. */
  readonly text: string;
  /** undefined when there is no body. */
  readonly value: unknown;
}

export const NO_BODY: RequestBody = { text: '', value: undefined };

/** Whether a request says that a body follows. */
export function announcesBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Refuses a body on a method that has none. A chunked body may turn out to be empty. */
export async function refuseBody(request: IncomingMessage): Promise<void> {
  if (!announcesBody(request)) return;
  const { length } = await readBytes(request);
  if (length > 0) throw new AppError('BadRequest', { message: `a ${request.method} request must not have a body` });
}

/**
 * Reads a JSON body of at most 512 KB.
 * @throws AppError UnsupportedMediaType, BodyTooLarge, BadRequest
 */
export async function readBody(request: IncomingMessage): Promise<RequestBody> {
  if (!announcesBody(request)) return NO_BODY;
  const { headers } = request;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (!JSON_TYPE.test(headers['content-type'] ?? '') || encoding !== 'identity') {
    throw new AppError('UnsupportedMediaType');
  }
  const bytes = await readBytes(request);
  if (bytes.length === 0) return NO_BODY;
  const text = decode(bytes);
  return { text, value: parseJson(text) };
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const refuse = (): void => {
      // The rest is read and dropped: a sender that is cut off while it writes would never see the answer.
      chunks.length = 0;
      reject(new AppError('BodyTooLarge'));
    };
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) refuse();
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/** Texts that look the same must be the same: names of properties are compared, so everything is brought to NFC. */
function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes).normalize('NFC');
  } catch (cause) {
    throw new AppError('BadRequest', { message: 'request body is not valid UTF-8', cause });
  }
}
