import type { Exchange } from './packet-channel.js';
import { PacketReader } from './packet-reader.js';
import { ProtocolError } from './server-error.js';

const OK = 0;

/** A statement without a result: the server says how many rows it has changed. */
export class ChangeRows implements Exchange {
  rows = 0;

  packet(bytes: Buffer, start: number, end: number): boolean {
    const reader = new PacketReader(bytes, start, end);
    if (reader.number(1) !== OK) throw new ProtocolError('the server sends a result that nobody asked for');
    this.rows = reader.length() ?? 0;
    return true;
  }

  oversized(): void {
    throw new ProtocolError('the server sends too much');
  }
}
