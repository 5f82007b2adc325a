import { AppError } from '@penstock/domain';
import type { RawRow, SourceBatch } from '@penstock/engine';
import type { Type } from '@penstock/language';
import { BatchBuilder } from '../src/files/batch-builder.js';
import type { FileColumn, FileContent, FileFormat, FileReader } from '../src/files/file-format.js';

const TYPES: Readonly<Record<string, Type>> = {
  string: { kind: 'string' },
  int: { kind: 'int', bitSize: 32, unsigned: false },
};

/**
 * A format for tests. The first line names columns, `name:type` each; then a line is a record. A line `!` cannot be read, a line
 * `!!` ends the read with an error. Integers are text that has to be decoded, with what the header says after a `+` added.
 */
export function lineFormat({ local = false }: { readonly local?: boolean } = {}): FileFormat {
  return {
    open: async (content, _, signal) => {
      const lines = linesOf(local ? localBytes(content) : content.stream());
      const header = await lines.next();
      if (header.done === true) throw new AppError('NoColumnsFound', { message: 'the file has no columns' });
      return new LineReader(header.value.split(',').map(columnOf), lines, signal);
    },
    sheets: async (content) => {
      const names: string[] = [];
      for await (const line of linesOf(content.stream())) if (line.startsWith('#')) names.push(line.slice(1));
      if (names.length === 0) throw new AppError('InvalidFile', { message: 'has no sheets' });
      return names;
    },
  };
}

class LineReader implements FileReader {
  readonly columns: readonly FileColumn[];
  readonly issues = ['types were guessed'];
  readonly #lines: AsyncGenerator<string>;
  readonly #signal: AbortSignal;

  constructor(columns: readonly FileColumn[], lines: AsyncGenerator<string>, signal: AbortSignal) {
    this.columns = columns;
    this.#lines = lines;
    this.#signal = signal;
  }

  async *batches(): AsyncGenerator<SourceBatch> {
    const builder = new BatchBuilder();
    for await (const line of this.#lines) {
      this.#signal.throwIfAborted();
      if (line === '!!') throw new AppError('InvalidFile', { message: 'line is no record' });
      if (line === '!') builder.addUnreadable(unreadable(), line.length);
      else builder.add(rowOf(line), line.length);
      if (builder.full) yield builder.take();
    }
    if (!builder.empty) yield builder.take();
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined);
  }
}

function columnOf(text: string): FileColumn {
  const [name = '', type = 'string', added] = text.split(/[:+]/);
  const column: FileColumn = { name, type: TYPES[type] as Type, description: `column ${name}` };
  if (type === 'string') return column;
  return { ...column, decode: (field) => Number(field) + Number(added ?? 0), nullable: true, readOptional: true };
}

/** `-` is null, and nothing is no value. */
function rowOf(line: string): RawRow {
  return line.split(',').map((field) => (field === '-' ? null : field === '' ? undefined : field));
}

function unreadable() {
  return {
    ...{ step: 'Receive' as const, code: 'InvalidRecord', message: 'the line is no record', key: null },
    record: () => '{"line":"!"}',
  };
}

async function* localBytes(content: FileContent): AsyncGenerator<Uint8Array> {
  const file = await content.local();
  yield* file.stream(0, file.size);
}

async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const chunk of content) {
    const lines = (rest + Buffer.from(chunk).toString()).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
  return undefined;
}
