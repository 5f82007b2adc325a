import { compressSync } from 'snappy';
import { crc32c } from '../src/files/crc32c.js';

export const STREAM_IDENTIFIER = Buffer.from([0xff, 6, 0, 0, ...Buffer.from('sNaPpY')]);

/** A chunk of the framing format. */
export function frame(type: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt8(type, 0);
  header.writeUIntLE(body.length, 1, 3);
  return Buffer.concat([header, body]);
}

/** A chunk with data, compressed, or stored in some other way than it should be. */
export function dataFrame(
  data: Buffer,
  { type = 0, stored }: { readonly type?: 0 | 1; readonly stored?: Buffer } = {},
): Buffer {
  const crc = crc32c(data);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, 0);
  return frame(type, Buffer.concat([sum, stored ?? (type === 0 ? compressSync(data) : data)]));
}
