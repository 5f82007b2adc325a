import type { DestinationColumn, TableDestination, TableRequest, TableWriter } from '@penstock/engine';
import type { TableReference, TableSchema } from '../../connector.js';
import { orDestroy } from '../../tables/or-destroy.js';
import { tableSchemaOf } from '../../tables/table-columns.js';
import type { MysqlSession } from '../session.js';
import type { MysqlSettings } from '../settings.js';
import { beginSession, connectToWrite } from './begin-session.js';
import { findTable } from './find-table.js';
import { planWrite } from './plan-write.js';
import { readTable } from './read-table.js';
import { createStagingTable } from './staging-table.js';
import { takeOver } from './take-over.js';
import { writeError } from './write-error.js';
import { MysqlWriter } from './writer.js';

/** A table of a MySQL or MariaDB database that profiles are exported to. */
export class MysqlDestination implements TableDestination {
  readonly #settings: MysqlSettings;
  readonly #reference: TableReference;

  constructor(settings: MysqlSettings, reference: TableReference) {
    this.#settings = settings;
    this.#reference = reference;
  }

  async check(columns: readonly DestinationColumn[], signal: AbortSignal): Promise<void> {
    const { table, key } = this.#reference;
    await withSession(this.#settings, signal, async (session) => {
      await planWrite(session, await readTable(session, table), { columns, key });
    });
  }

  async open({ owner, columns }: TableRequest, signal: AbortSignal): Promise<TableWriter> {
    const { table, key } = this.#reference;
    const session = await connectToWrite(this.#settings, signal);
    return await orDestroy(session, { signal, explain: writeError }, async () => {
      await beginSession(session);
      await takeOver(session, await findTable(session, table), owner);
      const plan = await planWrite(session, await readTable(session, table), { columns, key });
      await createStagingTable(session, plan);
      const [row] = await session.query('SELECT @@max_allowed_packet');
      signal.throwIfAborted();
      return new MysqlWriter(session, { ...plan, maxPacketBytes: Number(row?.[0]) }, signal);
    });
  }
}

/** What a table is. Throws AppError `DestinationRefused` when it cannot be written, `DestinationUnavailable`. */
export async function mysqlTableSchema(
  settings: MysqlSettings,
  table: string,
  signal: AbortSignal,
): Promise<TableSchema> {
  return await withSession(settings, signal, async (session) => tableSchemaOf(await readTable(session, table)));
}

/** Does something in a session that is used once. */
async function withSession<Result>(
  settings: MysqlSettings,
  signal: AbortSignal,
  work: (session: MysqlSession) => Promise<Result>,
): Promise<Result> {
  const session = await connectToWrite(settings, signal);
  const result = await orDestroy(session, { signal, explain: writeError }, async () => {
    await beginSession(session);
    return await work(session);
  });
  await session.destroy();
  return result;
}
