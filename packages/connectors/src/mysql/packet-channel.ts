import type { Socket } from 'node:net';
import { PacketFrames, type PacketSink } from './packet-frames.js';
import { ProtocolError, readServerError } from './server-error.js';

/** One command and what the server answers. What it throws ends the session. */
export interface Exchange {
  /** A packet of the answer, never an error; true when it is the last. */
  packet(bytes: Buffer, start: number, end: number): boolean;
  /** A packet of 16 MiB or more was passed over. */
  oversized(): void;
}

export const COMMAND = { quit: 1, query: 3, prepare: 0x16, execute: 0x17, reset: 0x1f } as const;

const ERROR = 0xff;
const MAX_COMMAND_BYTES = 0xffffff - 1;

interface Pending {
  readonly exchange: Exchange;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Commands and answers over a socket on which somebody is logged in already. One command at a time: the next is sent when the
 * last packet of an answer has come.
 */
export class PacketChannel implements PacketSink {
  readonly #socket: Socket;
  readonly #frames = new PacketFrames(this);
  #pending: Pending | null = null;
  #ended: Error | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#end(error));
    socket.on('end', () => this.#end(new Error('the server closed the connection')));
    socket.on('close', () => this.#end(new Error('the server closed the connection')));
  }

  /** Why it can no longer be used; null while it can. */
  get ended(): Error | null {
    return this.#ended;
  }

  /** Sends a command. Throws the server's error, or that of the connection. */
  run(command: number, argument: Buffer, exchange: Exchange): Promise<void> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    if (this.#pending !== null) return Promise.reject(new Error('another command is not answered yet'));
    if (argument.length > MAX_COMMAND_BYTES) return Promise.reject(new Error('a command is too large'));
    return new Promise((resolve, reject) => {
      this.#pending = { exchange, resolve, reject };
      this.#socket.write(Buffer.concat([header(command, argument.length), argument]));
    });
  }

  /** Lets the server wait until {@link resume}. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends at once; politely, if nothing is going on. */
  destroy(): void {
    const idle = this.#pending === null && this.#ended === null;
    if (idle) this.#socket.write(header(COMMAND.quit, 0), () => this.#socket.destroy());
    else this.#socket.destroy();
    this.#end(new Error('the connection was closed'));
  }

  packet(bytes: Buffer, start: number, end: number): void {
    const pending = this.#pending;
    if (pending === null) throw new ProtocolError('the server ended the session');
    const refused = bytes[start] === ERROR;
    if (!refused && !pending.exchange.packet(bytes, start, end)) return;
    this.#pending = null;
    if (refused) pending.reject(readServerError(bytes, start, end));
    else pending.resolve();
  }

  oversized(): void {
    if (this.#pending === null) throw new ProtocolError('the server sends what nobody asked for');
    this.#pending.exchange.oversized();
  }

  #take(chunk: Buffer): void {
    if (this.#ended !== null) return;
    try {
      this.#frames.push(chunk);
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
      this.#socket.destroy();
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    const pending = this.#pending;
    this.#pending = null;
    pending?.reject(error);
  }
}

/** Every command begins a sequence of packets, at number 0. */
function header(command: number, argumentBytes: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUIntLE(argumentBytes + 1, 0, 3);
  bytes.writeUInt8(command, 4);
  return bytes;
}
