import { finished } from 'node:stream/promises';
import { stopSignal } from '@penstock/domain';
import { copyIn, type ProtocolStatement } from '@penstock/postgresql';
import pg from 'pg';
import type { PooledConnection } from '../connection-pool.js';
import { hostAndPort } from '../host-and-port.js';
import { type BackendKey, requestCancel } from './cancel-request.js';
import { connectError, NoAnswerError } from './connect-error.js';
import { endsSession } from './query-error.js';
import type { PostgresqlSettings } from './settings.js';
import { tlsOptions } from './tls-options.js';

const CONNECT_TIMEOUT_MS = 10_000;
const RESET_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_DELAY_MS = 10_000;

/** What a server says about itself when a session begins. */
export interface ServerParameters {
  /** Major version; 0 when the server does not say. */
  readonly version: number;
  /** Whether it knows the encoding of its texts, so that it sends valid UTF-8. */
  readonly knowsEncoding: boolean;
}

/** A session of a PostgreSQL server. It is thrown away after any failure: only a session that is known well is used again. */
export class PostgresqlSession implements PooledConnection {
  readonly address: string;
  readonly #settings: PostgresqlSettings;
  readonly #client: pg.Client;
  readonly #parameters = new Map<string, string>();
  #key: BackendKey | null = null;
  #running = 0;
  #lost = false;
  #destroyed: Promise<void> | null = null;

  /** Throws AppError `SourceUnavailable` or `SourceRefused`, or the reason of the signal. */
  static async connect(settings: PostgresqlSettings, signal: AbortSignal): Promise<PostgresqlSession> {
    signal.throwIfAborted();
    const session = new PostgresqlSession(settings);
    const stop = stopSignal([signal], CONNECT_TIMEOUT_MS);
    const destroy = () => void session.destroy();
    stop.signal.addEventListener('abort', destroy, { once: true });
    try {
      await session.#client.connect();
      return session;
    } catch (error) {
      destroy();
      signal.throwIfAborted();
      throw connectError(stop.signal.aborted ? new NoAnswerError('timed out') : error, settings);
    } finally {
      stop.release();
      stop.signal.removeEventListener('abort', destroy);
    }
  }

  private constructor(settings: PostgresqlSettings) {
    this.#settings = settings;
    this.address = hostAndPort(settings);
    this.#client = new pg.Client({
      host: settings.host,
      port: settings.port,
      user: settings.username,
      database: settings.database,
      // A function, because pg takes an empty password for none and would send the one of its own environment instead.
      password: () => settings.password,
      ssl: tlsOptions(settings) ?? false,
      application_name: 'penstock',
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    });
    this.#listen();
  }

  /** The server closed the connection, or it broke; we did not end it. */
  get lost(): boolean {
    return this.#lost;
  }

  get usable(): boolean {
    const alive = !this.#lost && this.#destroyed === null;
    return alive && this.#running === 0 && this.#client.getTransactionStatus() === 'I';
  }

  get server(): ServerParameters {
    return {
      version: Number.parseInt(this.#parameters.get('server_version') ?? '', 10) || 0,
      knowsEncoding: this.#parameters.get('server_encoding') !== 'SQL_ASCII',
    };
  }

  /** Runs a statement that speaks the protocol itself. Throws the server's error, or that of the connection. */
  execute(statement: ProtocolStatement): Promise<void> {
    return this.#run(() => {
      this.#client.query(statement);
      return statement.done;
    });
  }

  /** Rows of a statement of our own. */
  async rows<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return await this.#run(async () => (await this.#client.query<Row, unknown[]>(text, [...values])).rows);
  }

  /** Runs a `COPY … FROM STDIN` with all of its data. */
  copyIn(text: string, data: readonly Buffer[]): Promise<void> {
    return this.#run(() => copyIn(this.#client, text, data));
  }

  async reset(): Promise<void> {
    const timer = setTimeout(() => this.destroy(), RESET_TIMEOUT_MS);
    try {
      await this.#run(() => this.#client.query('ROLLBACK'));
      // Also lets go of advisory locks and undoes SET, which a function of the query may have left behind.
      await this.#run(() => this.#client.query('DISCARD ALL'));
    } finally {
      clearTimeout(timer);
    }
  }

  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy();
    return this.#destroyed;
  }

  async #destroy(): Promise<void> {
    const { stream } = this.#client.connection;
    stream.destroy();
    // A server that is busy does not see that its client has gone: it is told by a request of its own.
    if (this.#running > 0 && !this.#lost && this.#key !== null) await requestCancel(this.#settings, this.#key);
    await finished(stream).catch(() => undefined);
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await work();
    } catch (error) {
      this.#lost ||= endsSession(error);
      throw error;
    } finally {
      this.#running -= 1;
    }
  }

  #listen(): void {
    const { connection } = this.#client;
    connection.on('backendKeyData', (key: BackendKey) => {
      this.#key = key;
    });
    connection.on('parameterStatus', ({ parameterName, parameterValue }: { [member: string]: string }) => {
      this.#parameters.set(parameterName ?? '', parameterValue ?? '');
    });
    const onLost = () => {
      this.#lost ||= this.#destroyed === null;
    };
    connection.on('end', onLost);
    // Whoever waits for a statement gets the error from the statement. Without one, the server has ended an idle session.
    this.#client.on('error', onLost);
  }
}
