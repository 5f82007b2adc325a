import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '@penstock/domain';
import { type DestinationOwner, FenceLostError } from '@penstock/engine';
import { ServerError } from '../server-error.js';
import type { MysqlSession } from '../session.js';
import type { FoundTable } from './find-table.js';
import { quoteText } from './sql-text.js';

/** How long a session of an earlier attempt may take to end, which includes rolling back what it is doing. */
const END_MS = 30_000;
const LOOK_AGAIN_MS = 50;
/** Of a run's number, which is a safe integer, and of an epoch. */
const RUN_BITS = 53;
const EPOCH_BITS = 31;
const NOT_OWNER = 1095;

/** Which attempt a session belongs to. */
type Attempt = Pick<DestinationOwner, 'run' | 'epoch'>;

/**
 * Makes a session that of an attempt: ends the session of an earlier one of the pipeline at the table and waits until it is gone, with its
 * transaction. Throws FenceLostError when a later one is there, AppError `DestinationUnavailable` when an earlier one does not go.
 *
 * The pipeline's lock has one holder, whom all can see. Which attempt that is, it tells by locks of its own, one for each bit that is set:
 * no other session can see what a session calls itself. They are there before the pipeline's lock is asked for.
 */
export async function takeOver(session: MysqlSession, table: FoundTable, owner: DestinationOwner): Promise<void> {
  await markSession(session, owner);
  const lock = quoteText(lockName(table.name, owner.pipeline));
  const deadline = performance.now() + END_MS;
  for (;;) {
    const [row] = await session.query(`SELECT GET_LOCK(${lock}, 0), IS_USED_LOCK(${lock})`);
    if (row?.[0] === '1') return;
    const holder = row?.[1] ?? null;
    if (holder !== null) await endUnlessLater(session, holder, owner);
    if (performance.now() > deadline) throw stubborn(table, holder);
    await pause(LOOK_AGAIN_MS);
  }
}

async function markSession(session: MysqlSession, attempt: Attempt): Promise<void> {
  const [row] = await session.query('SELECT CONNECTION_ID()');
  const bits = bitNames(row?.[0] ?? '').filter((_, index) => isSet(attempt, index));
  if (bits.length === 0) return;
  const taken = await session.query(`SELECT ${bits.map((bit) => `GET_LOCK(${quoteText(bit)}, 0)`).join(', ')}`);
  if (taken[0]?.every((result) => result === '1') === true) return;
  throw new AppError('DestinationUnavailable', {
    message: 'the database does not give the locks that an attempt needs',
  });
}

async function endUnlessLater(session: MysqlSession, holder: string, owner: DestinationOwner): Promise<void> {
  const attempt = await attemptOf(session, holder);
  if (attempt.run > owner.run || (attempt.run === owner.run && attempt.epoch > owner.epoch)) {
    throw new FenceLostError(`a later attempt of pipeline ${owner.pipeline} writes to the table`);
  }
  await session.query(`KILL CONNECTION ${BigInt(holder)}`).catch((error: unknown) => {
    // It may have gone by itself. One of another user stays, and is waited for.
    if (!(error instanceof ServerError)) throw error;
    if (error.errno === NOT_OWNER) throw foreign(holder);
  });
}

async function attemptOf(session: MysqlSession, holder: string): Promise<Attempt> {
  const bits = bitNames(holder).map((bit) => `IS_USED_LOCK(${quoteText(bit)})`);
  const [row = []] = await session.query(`SELECT ${bits.join(', ')}`);
  const numbers = { run: 0, epoch: 0 };
  for (const [index, user] of row.entries()) {
    if (user !== holder) continue;
    if (index < RUN_BITS) numbers.run += 2 ** index;
    else numbers.epoch += 2 ** (index - RUN_BITS);
  }
  return numbers;
}

function bitNames(connection: string): string[] {
  const names = (letter: string, count: number) =>
    Array.from({ length: count }, (_, bit) => `penstock ${connection} ${letter}${bit}`);
  return [...names('r', RUN_BITS), ...names('e', EPOCH_BITS)];
}

function isSet({ run, epoch }: Attempt, index: number): boolean {
  const [number, bit] = index < RUN_BITS ? [run, index] : [epoch, index - RUN_BITS];
  return Math.floor(number / 2 ** bit) % 2 === 1;
}

/** At most 64 characters. By name of the table, so that installations that share a server do not end each other. */
function lockName(table: string, pipeline: number): string {
  return `penstock ${createHash('sha256').update(`${table}\0${pipeline}`).digest('hex').slice(0, 40)}`;
}

function foreign(holder: string): AppError {
  const message = `an earlier attempt still writes to the table, as another user (connection ${holder}): end it there`;
  return new AppError('DestinationUnavailable', { message });
}

function stubborn({ name }: FoundTable, holder: string | null): AppError {
  const message = `an earlier attempt still writes to table ${name} (connection ${holder}) and does not end`;
  return new AppError('DestinationUnavailable', { message });
}
