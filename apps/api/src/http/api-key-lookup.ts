import type { Database } from '@penstock/shared/platform';
import { type FoundApiKey, findApiKey } from '@penstock/shared/repositories';

/**
 * Looks up API keys. Requests that arrive together mostly have the same key, and share one statement: it is sent only after
 * all of them are there, so that none is answered by a state older than itself.
 */
export class ApiKeyLookup {
  readonly #database: Database;
  readonly #collecting = new Map<string, Promise<FoundApiKey | undefined>>();

  constructor(database: Database) {
    this.#database = database;
  }

  find(hash: Buffer, selected: number | null): Promise<FoundApiKey | undefined> {
    const id = `${hash.toString('base64')} ${selected ?? ''}`;
    const collecting = this.#collecting.get(id);
    if (collecting !== undefined) return collecting;
    const lookup = this.#send(id, hash, selected);
    this.#collecting.set(id, lookup);
    return lookup;
  }

  /** The event loop first reads what has arrived on all connections, then comes to what was set immediate. */
  async #send(id: string, hash: Buffer, selected: number | null): Promise<FoundApiKey | undefined> {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    this.#collecting.delete(id);
    return findApiKey(this.#database, hash, selected);
  }
}
