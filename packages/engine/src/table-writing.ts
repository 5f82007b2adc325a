import { type DatabaseExportDefinition, StepError } from '@penstock/domain';
import { atStep } from './at-step.js';
import type { DestinationRow, RefusedRecord, TableInsertion, TableWriter } from './destination.js';
import type { ExportWork } from './execute-export.js';
import { FailedProfiles } from './profile-outcome.js';
import { StagedInsertion } from './staged-insertion.js';
import { unnoticed } from './take-ahead.js';

/** So many records may be refused before it is taken for the pipeline's fault. */
const MAX_REFUSED = 1_000;

/** Writes rows to a table: when all are staged, or, where no two can have the same key, while others are still being read. */
export class TableWriting {
  readonly #work: ExportWork<DatabaseExportDefinition>;
  readonly #writer: TableWriter;
  /** Absent where rows are written once all are staged. */
  readonly #insertion: TableInsertion | undefined;
  readonly #refused: RefusedRecord[] = [];
  #isOwner = false;
  #underWay: Promise<void> = Promise.resolve();

  constructor(
    work: ExportWork<DatabaseExportDefinition>,
    { writer, early }: { readonly writer: TableWriter; readonly early: boolean },
  ) {
    this.#work = work;
    this.#writer = writer;
    if (early) this.#insertion = writer.insertion ?? new StagedInsertion(writer);
  }

  /** Takes rows over; waits when the destination is slower than the warehouse. */
  async add(rows: readonly DestinationRow[], firstSequence: number): Promise<void> {
    if (this.#insertion === undefined) return this.#writer.stage(rows, firstSequence);
    if (this.#insertion.add(rows, firstSequence)) await this.#insertNext(this.#insertion);
  }

  /** Takes staged rows out again; there are none to take out where rows are written early. */
  async exclude(sequences: readonly number[]): Promise<void> {
    await this.#writer.exclude(sequences);
  }

  /** Writes what has not been written, and says of what was refused that the table does not have it. */
  async finish(): Promise<void> {
    if (this.#insertion === undefined) this.#underWay = unnoticed(this.#write());
    else await this.#insertNext(this.#insertion);
    await this.#underWay;
    await this.#noteRefused();
  }

  /** Waits until nothing is under way any more, whatever became of it. */
  async settled(): Promise<void> {
    await this.#underWay.catch(() => undefined);
  }

  /** Rows are inserted while the next ones are read. */
  async #insertNext(insertion: TableInsertion): Promise<void> {
    await this.#underWay;
    this.#underWay = unnoticed(this.#insertOrMerge(insertion));
  }

  async #insertOrMerge(insertion: TableInsertion): Promise<void> {
    const { signal, tally, onStage } = this.#work.environment;
    await this.#requireOwnership();
    const inserted = await atStep('Finalize', signal, () => insertion.flush());
    if (inserted === null) return this.#write();
    if (inserted === 0) return;
    tally.pass('Finalize', inserted);
    await onStage('sending');
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
