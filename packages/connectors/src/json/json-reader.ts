import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordFailure } from '@penstock/domain';
import type { SourceBatch } from '@penstock/engine';
import { BatchBuilder } from '../files/batch-builder.js';
import type { FileColumn, FileReader } from '../files/file-format.js';
import type { ByteInput } from './byte-input.js';
import type { Found, Framing } from './framing.js';
import type { JsonScanner } from './json-scanner.js';
import { RecordScanner } from './record-scanner.js';
import { MAX_SHOWN, RecordWalk } from './record-walk.js';
import type { TextWindow } from './text-window.js';

/** A file whose shape is known, from its first record on. */
export interface JsonParts {
  readonly input: ByteInput;
  readonly window: TextWindow;
  readonly framing: Framing;
  readonly scanner: JsonScanner;
}

/** Text that is read without giving way to other work; the content may be there at once. */
const TURN_LENGTH = 1024 * 1024;
/** Most that is waited for at once, so that a record that is cut by the end of the window is not scanned again and again. */
const MAX_WANTED_BYTES = 4 * 1024 * 1024;
const CLOSED = 'the reader was closed';
/** What a field takes in memory, whether the record has it or not. */
const FIELD_BYTES = 8;

/** Reads the records of a file one after the other, as slices of its text. */
export class JsonReader implements FileReader {
  readonly columns: readonly FileColumn[];
  readonly issues: readonly string[];
  readonly #parts: JsonParts;
  readonly #records: RecordScanner;
  readonly #walk: RecordWalk;
  /** Why a record with a property twice cannot be read, by column. */
  readonly #repeated: readonly RecordFailure[];
  #hasBegun = false;
  #isClosed = false;

  constructor({ columns, issues }: Pick<FileReader, 'columns' | 'issues'>, parts: JsonParts) {
    this.columns = columns;
    this.issues = issues;
    this.#parts = parts;
    const { window, framing, scanner } = parts;
    const names = columns.map(({ name }) => name);
    this.#records = new RecordScanner(scanner, names);
    this.#walk = new RecordWalk(window, framing, { scanner, objects: this.#records });
    this.#repeated = names.map(repeatedKey);
  }

  async *batches(): AsyncGenerator<SourceBatch, void, undefined> {
    if (this.#hasBegun) throw new Error('batches of a reader can be read only once');
    if (this.#isClosed) throw new Error(CLOSED);
    this.#hasBegun = true;
    const builder = new BatchBuilder();
    let sinceTurn = 0;
    try {
      for (;;) {
        if (this.#isClosed) throw new Error(CLOSED);
        const found = this.#read(builder);
        if (builder.full) yield builder.take();
        if (found === 'end') break;
        if (found === 'record') continue;
        sinceTurn += await this.#fill();
        if (sinceTurn < TURN_LENGTH) continue;
        sinceTurn = 0;
        await nextTurn();
      }
      if (!builder.empty) yield builder.take();
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#parts.input.close();
  }

  /** Reads until the batch is full, or as far as the window goes. */
  #read(builder: BatchBuilder): Found {
    const walk = this.#walk;
    const records = this.#records;
    const fieldBytes = FIELD_BYTES * this.columns.length;
    while (!builder.full) {
      const found = walk.next();
      if (found !== 'record') return found;
      const failure = walk.failure ?? (records.repeated < 0 ? undefined : this.#repeated[records.repeated]);
      const length = walk.end - walk.start;
      if (failure === undefined) builder.add(records.row, length + fieldBytes);
      else builder.addUnreadable({ ...failure, record: walk.exhibit() }, Math.min(length, MAX_SHOWN));
    }
    return 'record';
  }

  /** Returns the length of the text that there is now. */
  async #fill(): Promise<number> {
    const { window } = this.#parts;
    await window.fill(Math.min(window.text.length - window.at, MAX_WANTED_BYTES));
    return window.text.length;
  }
}

function repeatedKey(name: string): RecordFailure {
  const message = `the record has the property '${name}' more than once`;
  return { step: 'Receive', code: 'RepeatedKey', message, key: null };
}
