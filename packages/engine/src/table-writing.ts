import { type DatabaseExportDefinition, StepError } from '@penstock/domain';
import { atStep } from './at-step.js';
import type { DestinationRow, RefusedRecord, TableWriter } from './destination.js';
import type { ExportWork } from './execute-export.js';
import { FailedProfiles } from './profile-outcome.js';
import { unnoticed } from './take-ahead.js';

/** So many records may be refused before it is taken for the pipeline's fault. */
const MAX_REFUSED = 1_000;
/** Rows that are written together while the next ones are read. More would only wait longer in memory. */
const CHUNK_ROWS = 5_000;

/** Writes rows to a table: when all are staged, or, where no two can have the same key, while others are still being read. */
export class TableWriting {
  readonly #work: ExportWork<DatabaseExportDefinition>;
  readonly #writer: TableWriter;
  readonly #early: boolean;
  readonly #refused: RefusedRecord[] = [];
  #isOwner = false;
  #rows: DestinationRow[] = [];
  #first = 0;
  #underWay: Promise<void> = Promise.resolve();

  constructor(
    work: ExportWork<DatabaseExportDefinition>,
    { writer, early }: { readonly writer: TableWriter; readonly early: boolean },
  ) {
    this.#work = work;
    this.#writer = writer;
    this.#early = early;
  }

  /** Takes rows over; waits when the destination is slower than the warehouse. */
  async add(rows: readonly DestinationRow[], firstSequence: number): Promise<void> {
    if (!this.#early) return this.#writer.stage(rows, firstSequence);
    if (this.#rows.length === 0) this.#first = firstSequence;
    this.#rows.push(...rows);
    if (this.#rows.length >= CHUNK_ROWS) await this.#writeChunk();
  }

  /** Takes staged rows out again; there are none to take out where rows are written early. */
  async exclude(sequences: readonly number[]): Promise<void> {
    await this.#writer.exclude(sequences);
  }

  /** Writes what has not been written, and says of what was refused that the table does not have it. */
  async finish(): Promise<void> {
    if (this.#early) await this.#writeChunk();
    else this.#underWay = unnoticed(this.#write());
    await this.#underWay;
    await this.#noteRefused();
  }

  /** Waits until nothing is under way any more, whatever became of it. */
  async settled(): Promise<void> {
    await this.#underWay.catch(() => undefined);
  }

  async #writeChunk(): Promise<void> {
    await this.#underWay;
    const [rows, first] = [this.#rows, this.#first];
    if (rows.length === 0) return;
    this.#rows = [];
    this.#underWay = unnoticed(this.#insertOrMerge(rows, first));
  }

  async #insertOrMerge(rows: readonly DestinationRow[], first: number): Promise<void> {
    const { signal, tally, onStage } = this.#work.environment;
    await this.#requireOwnership();
    if ((await atStep('Finalize', signal, async () => this.#writer.insert?.(rows))) === true) {
      tally.pass('Finalize', rows.length);
      return await onStage('sending');
    }
    await atStep('Finalize', signal, () => this.#writer.stage(rows, first));
    await this.#write();
  }

  /** The last moment at which somebody else may have begun: from here on only the destination itself can tell. */
  async #requireOwnership(): Promise<void> {
    const { attempt, environment } = this.#work;
    if (!this.#isOwner) await atStep('Finalize', environment.signal, () => attempt.requireOwnership());
    this.#isOwner = true;
  }

  async #write(): Promise<void> {
    const { signal, tally, onStage } = this.#work.environment;
    await this.#requireOwnership();
    const batches = this.#writer.write()[Symbol.asyncIterator]();
    for (;;) {
      const next = await atStep('Finalize', signal, () => batches.next());
      if (next.done) return;
      this.#refused.push(...next.value.refused);
      if (this.#refused.length > MAX_REFUSED) throw tooManyRefused(next.value.refused[0]?.message);
      tally.pass('Finalize', next.value.written);
      await onStage('sending');
      signal.throwIfAborted();
    }
  }

  async #noteRefused(): Promise<void> {
    if (this.#refused.length === 0) return;
    const { attempt, environment } = this.#work;
    const failed = new FailedProfiles(environment, []);
    const sequences = this.#refused.map(({ sequence }) => sequence);
    const profiles = await atStep('Finalize', environment.signal, () => attempt.refuse(sequences));
    for (const [index, { message }] of this.#refused.entries()) {
      failed.addAtFinalize(profiles[index] ?? '', { code: 'Refused', message });
    }
  }
}

function tooManyRefused(message = ''): StepError {
  return new StepError('Finalize', 'TooManyRefusedRecords', {
    message: `the destination refused more than ${MAX_REFUSED} records; one of the last because ${message}`,
  });
}
