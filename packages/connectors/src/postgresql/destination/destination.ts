import type { DestinationColumn, TableDestination, TableRequest, TableWriter } from '@penstock/engine';
import type { TableReference, TableSchema } from '../../connector.js';
import { orDestroy } from '../../tables/or-destroy.js';
import { tableSchemaOf } from '../../tables/table-columns.js';
import type { PostgresqlSession } from '../session.js';
import type { PostgresqlSettings } from '../settings.js';
import { beginSession, connectToWrite } from './begin-session.js';
import { findTable } from './find-table.js';
import { planWrite } from './plan-write.js';
import { readTable } from './read-table.js';
import { createStagingTable } from './staging-table.js';
import { attemptName, takeOver } from './take-over.js';
import { writeError } from './write-error.js';
import { PostgresqlWriter } from './writer.js';

/** A table of a PostgreSQL database that profiles are exported to. */
export class PostgresqlDestination implements TableDestination {
  readonly #settings: PostgresqlSettings;
  readonly #reference: TableReference;

  constructor(settings: PostgresqlSettings, reference: TableReference) {
    this.#settings = settings;
    this.#reference = reference;
  }

  async check(columns: readonly DestinationColumn[], signal: AbortSignal): Promise<void> {
    const { table, key } = this.#reference;
    await withSession(this.#settings, signal, async (session) => {
      await beginSession(session, 'penstock');
      planWrite(await readTable(session, table, this.#settings.schema), columns, key);
    });
  }

  async open({ owner, columns }: TableRequest, signal: AbortSignal): Promise<TableWriter> {
    const { table, key } = this.#reference;
    const session = await connectToWrite(this.#settings, signal);
    return await orDestroy(session, { signal, explain: writeError }, async () => {
      await beginSession(session, attemptName(owner));
      await takeOver(session, await findTable(session, table, this.#settings.schema), owner);
      const plan = planWrite(await readTable(session, table, this.#settings.schema), columns, key);
      await createStagingTable(session, plan);
      signal.throwIfAborted();
      return new PostgresqlWriter(session, plan, signal);
    });
  }
}

/** What a table is. Throws AppError `DestinationRefused` when it cannot be written, `DestinationUnavailable`. */
export async function postgresqlTableSchema(
  settings: PostgresqlSettings,
  table: string,
  signal: AbortSignal,
): Promise<TableSchema> {
  return await withSession(settings, signal, async (session) => {
    await beginSession(session, 'penstock');
    return tableSchemaOf(await readTable(session, table, settings.schema));
  });
}

/** Does something in a session that is used once. */
async function withSession<Result>(
  settings: PostgresqlSettings,
  signal: AbortSignal,
  work: (session: PostgresqlSession) => Promise<Result>,
): Promise<Result> {
  const session = await connectToWrite(settings, signal);
  const result = await orDestroy(session, { signal, explain: writeError }, () => work(session));
  await session.destroy();
  return result;
}
