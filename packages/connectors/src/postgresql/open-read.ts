import { AppError } from '@penstock/domain';
import pg from 'pg';
import type { Lease } from '../connection-pool.js';
import { discardOnFailure } from '../discard-on-failure.js';
import { BeginRead } from './begin-read.js';
import { planColumns } from './columns.js';
import { type QueryErrorContext, queryError } from './query-error.js';
import { PostgresqlReader } from './reader.js';
import type { PostgresqlSession } from './session.js';
import { type ReadLimits, settingsStatement } from './session-settings.js';
import { trimQuery } from './statement.js';
import { TypeCatalog } from './type-catalog.js';

export interface OpenRequest {
  /** Without placeholders. */
  readonly query: string;
  readonly schema: string;
  /** Greatest number of rows; null reads all. */
  readonly limit: number | null;
  readonly limits: ReadLimits;
  /** The code of an error that is the query's own. */
  readonly refused: QueryErrorContext['refused'];
}

const ONE_QUERY = 'the query must be one SELECT, VALUES, TABLE or WITH, with nothing after its semicolon';

/**
 * Opens a query for reading on a leased session, in one round trip, or two when it returns types that not every database has.
 * The lease is the reader's from then on; when this throws, it is discarded.
 */
export async function openRead(
  lease: Lease<PostgresqlSession>,
  request: OpenRequest,
  signal: AbortSignal,
): Promise<PostgresqlReader> {
  return await discardOnFailure(lease, signal, () => begin(lease, request, signal));
}

async function begin(
  lease: Lease<PostgresqlSession>,
  request: OpenRequest,
  signal: AbortSignal,
): Promise<PostgresqlReader> {
  const { connection } = lease;
  const query = trimQuery(request.query);
  const context: QueryErrorContext = { address: connection.address, refused: request.refused, query, offset: 0 };
  const statement = new BeginRead(query, settingsStatement(request.schema, request.limits, connection.server));
  const fields = await describe(connection, statement, context);
  const catalog = await TypeCatalog.of(connection, fields).catch((error: unknown) => {
    throw queryError(error, context);
  });
  signal.throwIfAborted();
  const plan = planColumns(fields, catalog);
  return new PostgresqlReader({ lease, plan, fields: fields.length, limit: request.limit, context }, signal);
}

/** The columns of the query, at least one. */
async function describe(session: PostgresqlSession, statement: BeginRead, context: QueryErrorContext) {
  if (context.query.includes('\0')) throw refused(context, 'the query has a NUL character');
  try {
    await session.execute(statement);
  } catch (error) {
    if (isSeveral(error) || (statement.stage === 'probe' && isSyntaxError(error))) throw refused(context, ONE_QUERY);
    throw queryError(error, context);
  }
  const { fields } = statement;
  if (fields === null || fields.length === 0) throw refused(context, 'the query returns no columns');
  return fields;
}

function isSyntaxError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.code === '42601';
}

/** The server has no code of its own for this. Its words would puzzle whoever knows nothing of the protocol. */
function isSeveral(error: unknown): boolean {
  return isSyntaxError(error) && error.routine === 'exec_parse_message';
}

function refused(context: QueryErrorContext, message: string): AppError {
  return new AppError(context.refused, { message });
}
