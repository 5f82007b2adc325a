import type { PooledConnection } from '../connection-pool.js';
import { hostAndPort } from '../host-and-port.js';
import { ChangeRows } from './change-rows.js';
import { connectError } from './connect-error.js';
import { killSession } from './kill-session.js';
import { openChannel } from './open-channel.js';
import { COMMAND, type Exchange, type PacketChannel } from './packet-channel.js';
import { PrepareQuery } from './prepare-query.js';
import { endsSession } from './server-error.js';
import { SERVER_SESSION, type ServerSession, serverSession } from './server-session.js';
import type { MysqlSettings } from './settings.js';
import { TextQuery, type TextRow } from './text-query.js';

const RESET_TIMEOUT_MS = 5_000;

/** A session of a MySQL server. It is thrown away after any failure: only a session that is known well is used again. */
export class MysqlSession implements PooledConnection {
  readonly address: string;
  readonly #settings: MysqlSettings;
  readonly #channel: PacketChannel;
  #identity: ServerSession | null = null;
  #running = 0;
  #failed = false;
  #lost = false;
  #destroyed: Promise<void> | null = null;

  /** Throws AppError `SourceUnavailable` or `SourceRefused`, or the reason of the signal. */
  static async connect(settings: MysqlSettings, signal: AbortSignal): Promise<MysqlSession> {
    const session = new MysqlSession(settings, await openChannel(settings, signal));
    const destroy = () => void session.destroy();
    signal.addEventListener('abort', destroy, { once: true });
    try {
      session.#identity = serverSession((await session.query(SERVER_SESSION))[0]);
      signal.throwIfAborted();
      return session;
    } catch (error) {
      destroy();
      signal.throwIfAborted();
      throw connectError(error, settings);
    } finally {
      signal.removeEventListener('abort', destroy);
    }
  }

  private constructor(settings: MysqlSettings, channel: PacketChannel) {
    this.#settings = settings;
    this.address = hostAndPort(settings);
    this.#channel = channel;
  }

  /** The server closed the connection, or it broke; we did not end it. */
  get lost(): boolean {
    return this.#lost || (this.#destroyed === null && this.#channel.ended !== null);
  }

  get usable(): boolean {
    return !this.#failed && !this.lost && this.#destroyed === null && this.#running === 0;
  }

  /** Rows of a statement of our own. Throws the server's error, or that of the connection. */
  async query(text: string): Promise<readonly TextRow[]> {
    const exchange = new TextQuery();
    await this.#run(COMMAND.query, Buffer.from(text), exchange);
    return exchange.rows;
  }

  /** Executes a statement of our own that has no result, and returns how many rows it has changed. */
  async command(statement: Buffer): Promise<number> {
    const exchange = new ChangeRows();
    await this.#run(COMMAND.query, statement, exchange);
    return exchange.rows;
  }

  async prepare(text: string): Promise<PrepareQuery> {
    const exchange = new PrepareQuery();
    await this.#run(COMMAND.prepare, Buffer.from(text), exchange);
    return exchange;
  }

  /** Executes a prepared query; no cursor, one time. */
  async execute({ id }: PrepareQuery, exchange: Exchange): Promise<void> {
    const argument = Buffer.alloc(9);
    argument.writeUInt32LE(id, 0);
    argument.writeUInt32LE(1, 5);
    await this.#run(COMMAND.execute, argument, exchange);
  }

  /** Lets the server wait until {@link resume}. */
  pause(): void {
    this.#channel.pause();
  }

  resume(): void {
    this.#channel.resume();
  }

  /** Also lets go of locks, temporary tables, prepared statements and variables. */
  async reset(): Promise<void> {
    const timer = setTimeout(() => this.destroy(), RESET_TIMEOUT_MS);
    this.resume();
    try {
      await this.#run(COMMAND.reset, Buffer.alloc(0), new TextQuery());
    } finally {
      clearTimeout(timer);
    }
  }

  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy();
    return this.#destroyed;
  }

  async #destroy(): Promise<void> {
    const busy = this.#running > 0 && !this.lost;
    this.#channel.destroy();
    if (busy && this.#identity !== null) await killSession(this.#settings, this.#identity);
  }

  async #run(command: number, argument: Buffer, exchange: Exchange): Promise<void> {
    this.#running += 1;
    try {
      await this.#channel.run(command, argument, exchange);
    } catch (error) {
      this.#failed = true;
      this.#lost ||= this.lost || endsSession(error);
      throw error;
    } finally {
      this.#running -= 1;
    }
  }
}
