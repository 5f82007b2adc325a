import { AppError } from '@penstock/domain';
import type { Lease } from '../connection-pool.js';
import { discardOnFailure } from '../discard-on-failure.js';
import { planColumns } from './columns.js';
import { type QueryErrorContext, queryError } from './query-error.js';
import { guardQuery, type QuoteMode } from './query-guard.js';
import { MysqlReader } from './reader.js';
import type { MysqlSession } from './session.js';
import { type ReadLimits, SQL_MODE, sessionStatements } from './session-settings.js';

const PARAMETER = `the query has a ? outside of quotes; use \${updated_at} or \${limit}`;

export interface OpenRequest {
  /** Without placeholders. */
  readonly query: string;
  /** Greatest number of rows; null reads all. */
  readonly limit: number | null;
  readonly limits: ReadLimits;
  /** The code of an error that is the query's own. */
  readonly refused: QueryErrorContext['refused'];
}

/**
 * Opens a query for reading on a leased session: nothing of it is executed. The lease is the reader's from then on; when this
 * throws, it is discarded.
 */
export async function openRead(
  lease: Lease<MysqlSession>,
  request: OpenRequest,
  signal: AbortSignal,
): Promise<MysqlReader> {
  return await discardOnFailure(lease, signal, () => begin(lease, request, signal));
}

async function begin(
  lease: Lease<MysqlSession>,
  { query, limit, limits, refused }: OpenRequest,
  signal: AbortSignal,
): Promise<MysqlReader> {
  const { connection } = lease;
  const context: QueryErrorContext = { address: connection.address, refused };
  const fail = (error: unknown): never => {
    throw queryError(error, context);
  };
  for (const statement of sessionStatements(limits, limit)) await connection.query(statement).catch(fail);
  const guarded = guardQuery(query, await quoteMode(connection).catch(fail));
  if ('problem' in guarded) throw new AppError(refused, { message: guarded.problem });
  const prepared = await connection.prepare(guarded.query).catch(fail);
  if (prepared.parameters > 0) throw new AppError(refused, { message: PARAMETER });
  if (prepared.fields.length === 0) throw new AppError(refused, { message: 'the query returns no columns' });
  signal.throwIfAborted();
  return new MysqlReader({ lease, plan: planColumns(prepared.fields), prepared, limit, context }, signal);
}

async function quoteMode(session: MysqlSession): Promise<QuoteMode> {
  const modes = new Set((await session.query(SQL_MODE))[0]?.[0]?.split(',') ?? []);
  return { ansiQuotes: modes.has('ANSI_QUOTES'), plainBackslashes: modes.has('NO_BACKSLASH_ESCAPES') };
}
