import { ProtocolStatement, sendStatement } from '@penstock/postgresql';
import type { Connection, FieldDef } from 'pg';
import type { SettingsStatement } from './session-settings.js';
import { probeStatement } from './statement.js';

/** What was being done when the server refused: `session` is ours, `query` is the user's text, `probe` that text in a COPY. */
export type BeginStage = 'session' | 'query' | 'probe';

/**
 * Begins a read in one round trip: a transaction that cannot write, settings that last as long as it, and the user's query
 * parsed alone, which proves that it is one statement and tells its columns; then parsed where only a query may stand. Nothing
 * of the user's is executed, and after the first refusal the server skips the rest.
 *
 * The settings are read by a query, which takes the transaction's first snapshot: from then on PostgreSQL refuses to make
 * the transaction read-write, whatever function the user's query calls.
 */
export class BeginRead extends ProtocolStatement {
  readonly #query: string;
  readonly #settings: SettingsStatement;
  #stage: BeginStage = 'session';
  #completed = 0;
  /** Null when the query is a statement that returns no rows. */
  fields: readonly FieldDef[] | null = null;

  constructor(query: string, settings: SettingsStatement) {
    super();
    this.#query = query;
    this.#settings = settings;
  }

  get stage(): BeginStage {
    return this.#stage;
  }

  protected send(connection: Connection): void {
    sendStatement(connection, 'BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY');
    sendStatement(connection, this.#settings.text, this.#settings.values);
    connection.parse({ name: '', text: this.#query, types: [] }, true);
    connection.describe({ type: 'S' }, true);
    connection.once('noData', this.#described);
    connection.parse({ name: '', text: probeStatement(this.#query), types: [] }, true);
    const stopListening = () => connection.removeListener('noData', this.#described);
    this.done.then(stopListening, stopListening);
  }

  override handleCommandComplete(): void {
    this.#completed += 1;
    if (this.#completed === 2) this.#stage = 'query';
  }

  override handleRowDescription({ fields }: { readonly fields: readonly FieldDef[] }): void {
    this.fields = fields;
    this.#described();
  }

  readonly #described = (): void => {
    this.#stage = 'probe';
  };
}
