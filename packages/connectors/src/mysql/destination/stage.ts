import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DestinationRow, RefusedRecord } from '@penstock/engine';
import type { MysqlSession } from '../session.js';
import { quoteIdentifier } from './sql-text.js';
import type { StagingPlan } from './staging-table.js';
import { RefusedValue } from './value-literal.js';
import { refusalOf, rowError, rowOf } from './write-error.js';

/** Characters of a statement, at most; fewer where the server takes less. */
const CHUNK_LENGTH = 512 * 1024;
/** A character takes so many bytes at most. */
const CHARACTER_BYTES = 3;
/** The protocol's own, for one packet. */
const MAX_PACKET_BYTES = 16 * 1024 * 1024 - 2;
/** Of a statement, beside its rows. */
const HEAD_BYTES = 64 * 1024;
const NO_KEY = 'the key has no value';

/** Rows as a statement has them, with their numbers. */
interface Chunk {
  readonly rows: readonly string[];
  readonly sequences: readonly number[];
}

/** Sends rows to the staging table. */
export class Stage {
  readonly #session: MysqlSession;
  readonly #plan: StagingPlan;
  readonly #insert: string;
  readonly #keyIndex: number;
  readonly #maxRowBytes: number;
  readonly #chunkLength: number;
  #rows: string[] = [];
  #sequences: number[] = [];
  #length = 0;
  #refused: RefusedRecord[] = [];
  #inFlight: Promise<void> = Promise.resolve();

  constructor(session: MysqlSession, plan: StagingPlan & { readonly key: string }, maxPacketBytes: number) {
    const names = [...plan.columns.map(({ name }) => name), plan.sequence];
    this.#session = session;
    this.#plan = plan;
    this.#insert = `INSERT INTO ${plan.stage} (${names.map(quoteIdentifier).join(', ')}) VALUES `;
    this.#keyIndex = names.indexOf(plan.key);
    this.#maxRowBytes = Math.max(0, Math.min(maxPacketBytes, MAX_PACKET_BYTES) - HEAD_BYTES);
    this.#chunkLength = Math.min(CHUNK_LENGTH, Math.floor(this.#maxRowBytes / CHARACTER_BYTES));
  }

  /** Writes rows down; full chunks are sent. Waits only when the chunk before has not arrived yet. */
  async add(rows: readonly DestinationRow[], firstSequence: number): Promise<void> {
    let sequence = firstSequence;
    for (const row of rows) {
      const text = this.#textOf(row, sequence);
      // A chunk that is not full stays below the bound with this row, or the row goes alone.
      if (this.#length + text.length > this.#chunkLength) await this.#send();
      if (text !== '') this.#push(text, sequence);
      sequence += 1;
    }
    await nextTurn();
  }

  /** Waits until all has arrived. */
  async finish(): Promise<void> {
    await this.#send();
    await this.#inFlight;
  }

  /** Takes away what has been refused. */
  takeRefused(): readonly RefusedRecord[] {
    const refused = this.#refused;
    this.#refused = [];
    return refused;
  }

  #push(text: string, sequence: number): void {
    this.#rows.push(text);
    this.#sequences.push(sequence);
    this.#length += text.length + 1;
  }

  /** Empty when the row is refused. */
  #textOf(row: DestinationRow, sequence: number): string {
    const { literals, columns } = this.#plan;
    if ((row[this.#keyIndex] ?? null) === null) return this.#refuse(sequence, NO_KEY);
    let text = '(';
    let index = 0;
    try {
      for (; index < literals.length; index += 1) text += `${literals[index]?.(row[index] ?? null)},`;
    } catch (error) {
      if (!(error instanceof RefusedValue)) throw error;
      return this.#refuse(sequence, `${columns[index]?.name}: ${error.message}`);
    }
    text += `${sequence})`;
    if (text.length <= this.#chunkLength || Buffer.byteLength(text) <= this.#maxRowBytes) return text;
    return this.#refuse(sequence, 'record is larger than what the server takes at once: see max_allowed_packet');
  }

  #refuse(sequence: number, message: string): '' {
    this.#refused.push({ sequence, message });
    return '';
  }

  async #send(): Promise<void> {
    if (this.#rows.length === 0) return;
    const chunk = { rows: this.#rows, sequences: this.#sequences };
    this.#rows = [];
    this.#sequences = [];
    this.#length = 0;
    await this.#inFlight;
    this.#inFlight = this.#insertChunk(chunk);
    // Whoever waits next is told.
    this.#inFlight.catch(() => undefined);
  }

  async #insertChunk(chunk: Chunk): Promise<void> {
    try {
      await this.#session.command(Buffer.from(this.#insert + chunk.rows.join(',')));
    } catch (error) {
      const said = rowError(error);
      if (said === undefined) throw error;
      if (chunk.rows.length === 1) this.#refuse(chunk.sequences[0] ?? 0, refusalOf(said));
      else for (const part of partsOf(chunk, rowOf(said))) await this.#insertChunk(part);
    }
  }
}

/** Never the whole chunk again, so that it ends. The rest behind a refused row is halved: it may hold many more. */
function partsOf(chunk: Chunk, row: number | undefined): Chunk[] {
  const count = chunk.rows.length;
  const at = row === undefined || row > count ? null : row - 1;
  const from = at === null ? 0 : at + 1;
  const middle = (from + count + 1) >> 1;
  const bounds = at === null ? [0, middle, count] : [0, at, at + 1, middle, count];
  return bounds.slice(1).flatMap((end, index) => {
    const start = bounds[index] ?? 0;
    return start >= end ? [] : [{ rows: chunk.rows.slice(start, end), sequences: chunk.sequences.slice(start, end) }];
  });
}
