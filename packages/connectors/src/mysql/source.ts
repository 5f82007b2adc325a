import type { ReadFrom, Source, SourceReader } from '@penstock/engine';
import type { ConnectionPools, Driver } from '../connection-pools.js';
import { replacePlaceholders } from '../placeholders.js';
import { runPlaceholders } from './literals.js';
import { openRead } from './open-read.js';
import { MysqlSession } from './session.js';
import { RUN_LIMITS } from './session-settings.js';
import type { MysqlSettings } from './settings.js';

const driver: Driver<MysqlSettings, MysqlSession> = MysqlSession;

/** A query of a MySQL database that users are imported from. */
export class MysqlSource implements Source {
  readonly #settings: MysqlSettings;
  readonly #query: string;
  readonly #pools: ConnectionPools;

  constructor(settings: MysqlSettings, query: string, pools: ConnectionPools) {
    this.#settings = settings;
    this.#query = query;
    this.#pools = pools;
  }

  async open(from: ReadFrom | null, signal: AbortSignal): Promise<SourceReader> {
    const text = replacePlaceholders(this.#query, runPlaceholders(from));
    const request = { query: text, limit: null, limits: RUN_LIMITS, refused: 'SourceRefused' } as const;
    for (;;) {
      const lease = await this.#pools.lease(driver, this.#settings, signal);
      try {
        return await openRead(lease, request, signal);
      } catch (error) {
        // The server had closed a connection that waited in the pool; nothing has been read, so another one may try.
        if (!lease.reused || !lease.connection.lost || signal.aborted) throw error;
      }
    }
  }
}
