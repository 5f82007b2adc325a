import { stopSignal } from '@penstock/domain';
import type { Client, SFTPWrapper } from 'ssh2';
import type { FileAccess } from '../files/file-storage.js';
import { logIn, openSocket } from './connect.js';
import { answerError, answerMissing, connectError, connectionLost, notAnswering } from './connect-error.js';
import type { SftpSettings } from './settings.js';

/** How long one waits for an answer of the server. */
export const ANSWER_TIMEOUT_MS = 12_000;
/**
 * How long making the connection may take, with all its steps. Together with one answer it is less than the time in which the
 * API has to answer its own client.
 */
const OPEN_TIMEOUT_MS = 15_000;

type Callback<T> = (error: Error | null | undefined, value: T) => void;

/** A session of SFTP, over an SSH connection of its own. */
export class SftpSession {
  readonly settings: SftpSettings;
  readonly #client: Client;
  readonly #waiting = new Set<() => void>();
  #sftp: SFTPWrapper | null = null;
  #closed = false;

  /** Throws AppError `SourceUnavailable` or `SourceRefused`, or the reason of the signal. */
  static async open(settings: SftpSettings, access: FileAccess, signal: AbortSignal): Promise<SftpSession> {
    signal.throwIfAborted();
    const stop = stopSignal([signal], OPEN_TIMEOUT_MS);
    try {
      return await SftpSession.#connect(settings, access, stop.signal);
    } catch (error) {
      signal.throwIfAborted();
      throw stop.signal.aborted ? notAnswering(settings) : connectError(error, settings);
    } finally {
      stop.release();
    }
  }

  static async #connect(settings: SftpSettings, access: FileAccess, signal: AbortSignal): Promise<SftpSession> {
    const socket = await openSocket(settings, access, signal);
    const destroy = () => void socket.destroy();
    signal.addEventListener('abort', destroy, { once: true });
    try {
      const session = new SftpSession(settings, await logIn(settings, socket));
      await session.#begin(signal);
      return session;
    } catch (error) {
      destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', destroy);
    }
  }

  private constructor(settings: SftpSettings, client: Client) {
    this.settings = settings;
    this.#client = client;
    client.on('close', () => this.#end());
    client.on('end', () => this.#end());
  }

  /** Whether it has ended, whoever ended it. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Calls a function, once, when the session ends. Returns what takes that back. */
  onEnd(listener: () => void): () => void {
    this.#waiting.add(listener);
    return () => void this.#waiting.delete(listener);
  }

  /**
   * Asks the server. Rejects with its error, with AppError `SourceUnavailable` when the connection ends or no answer comes,
   * or with the reason of the signal.
   */
  ask<T>(signal: AbortSignal, question: (sftp: SFTPWrapper, callback: Callback<T>) => void): Promise<T> {
    return this.#answer(signal, (callback: Callback<T>) => {
      if (this.#sftp === null) throw connectionLost(this.settings);
      question(this.#sftp, (error, value) => callback(error && answerError(error, this.settings), value));
    });
  }

  /** For a stream, which waits by itself. @throws AppError SourceUnavailable when the session has ended */
  get sftp(): SFTPWrapper {
    if (this.#sftp === null || this.#closed) throw connectionLost(this.settings);
    return this.#sftp;
  }

  /** Ends the connection at once. Idempotent. */
  destroy(): void {
    this.#client.destroy();
    this.#end();
  }

  async #begin(signal: AbortSignal): Promise<void> {
    this.#sftp = await this.#answer<SFTPWrapper>(signal, (callback) => void this.#client.sftp(callback));
    // A server that breaks the protocol, or ends the subsystem and leaves the connection.
    this.#sftp.on('error', () => this.destroy());
    this.#sftp.on('end', () => this.destroy());
    this.#sftp.on('close', () => this.destroy());
  }

  async #answer<T>(signal: AbortSignal, question: (callback: Callback<T>) => void): Promise<T> {
    signal.throwIfAborted();
    if (this.#closed) throw connectionLost(this.settings);
    const { promise, resolve, reject } = deferred<T>();
    const stop = () => reject(signal.reason);
    const forget = this.onEnd(() => reject(connectionLost(this.settings)));
    const timer = setTimeout(() => {
      reject(answerMissing(this.settings));
      this.destroy();
    }, ANSWER_TIMEOUT_MS);
    signal.addEventListener('abort', stop, { once: true });
    try {
      question((error, value) => (error ? reject(error) : resolve(value)));
      return await promise;
    } finally {
      clearTimeout(timer);
      forget();
      signal.removeEventListener('abort', stop);
    }
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const listener of waiting) listener();
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    [resolve, reject] = [onValue, onError];
  });
  return { promise, resolve, reject };
}
