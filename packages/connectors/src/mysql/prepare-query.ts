import { type FieldDefinition, readFieldDefinition } from './field-definition.js';
import type { Exchange } from './packet-channel.js';
import { PacketReader } from './packet-reader.js';
import { ProtocolError } from './server-error.js';

/**
 * Lets the server parse a query without executing it. That takes one statement and no more, and tells its columns; none when
 * it is a statement that returns no rows.
 */
export class PrepareQuery implements Exchange {
  readonly fields: FieldDefinition[] = [];
  /** Number of the statement at the server. */
  id = 0;
  /** Places for values: each `?` outside of quotes. */
  parameters = 0;
  #parameterPackets = 0;
  #fieldPackets = 0;
  #begun = false;

  packet(bytes: Buffer, start: number, end: number): boolean {
    if (!this.#begun) this.#begin(new PacketReader(bytes, start, end));
    else if (this.#parameterPackets > 0) this.#parameterPackets -= 1;
    else {
      this.#fieldPackets -= 1;
      // The last one is the end mark.
      if (this.#fieldPackets > 0) this.fields.push(readFieldDefinition(bytes, start, end));
    }
    return this.#parameterPackets === 0 && this.#fieldPackets === 0;
  }

  oversized(): void {
    throw new ProtocolError('the server sends too much');
  }

  #begin(reader: PacketReader): void {
    this.#begun = true;
    reader.skip(1);
    this.id = reader.number(4);
    const fields = reader.number(2);
    this.parameters = reader.number(2);
    this.#fieldPackets = fields === 0 ? 0 : fields + 1;
    this.#parameterPackets = this.parameters === 0 ? 0 : this.parameters + 1;
  }
}
