import { MAX_JSON_DEPTH } from '@penstock/language';
import type { FileColumn, FileContent, FileReader, FormatRequest } from '../files/file-format.js';
import { MAX_RECORD_BYTES } from '../files/limits.js';
import { ArrayFraming } from './array-framing.js';
import { ByteInput } from './byte-input.js';
import { findShape, type Shape } from './find-shape.js';
import type { Found, Framing } from './framing.js';
import { ColumnInference, jsonColumn } from './infer-columns.js';
import { noColumns, noRecordsYet } from './json-errors.js';
import { JsonReader } from './json-reader.js';
import { JsonScanner } from './json-scanner.js';
import { LineFraming } from './line-framing.js';
import { ObjectFraming } from './object-framing.js';
import { RecordWalk } from './record-walk.js';
import type { JsonSettings } from './settings.js';
import { TextWindow } from './text-window.js';

/** Records, and bytes, from which the properties are found out. */
const MAX_SAMPLED_RECORDS = 1_000;
const MAX_SAMPLED_BYTES = 1024 * 1024;
/** The object and the array around the records, and the record. */
const LEVELS_AROUND_MEMBERS = 3;

interface Columns {
  readonly columns: readonly FileColumn[];
  readonly issues: readonly string[];
}

interface Sample {
  readonly inference: ColumnInference;
  readonly found: Found;
  /** The file has no records, readable or not. */
  readonly isEmpty: boolean;
}

/** Begins to read a file, as `FileFormat.open` does. */
export async function openJson(
  content: FileContent,
  { settings, expected }: { readonly settings: JsonSettings } & Pick<FormatRequest, 'expected'>,
  signal: AbortSignal,
): Promise<FileReader> {
  const input = new ByteInput(content.stream(), signal);
  try {
    const window = new TextWindow(() => input.next());
    const known = knownColumns(settings, expected);
    // Members that are read may be as deep as JSON may be; here they are looked at from the outside.
    const scanner = new JsonScanner(MAX_JSON_DEPTH + LEVELS_AROUND_MEMBERS);
    const shape = await findShape(window, { scanner, names: known?.map(({ name }) => name) ?? null });
    const framing = (): Framing => framingOf(shape, window);
    const { columns, issues } =
      known === undefined ? await inferColumns(window, { framing, scanner }) : { columns: known, issues: [] };
    return new JsonReader({ columns, issues }, { input, window, framing: framing(), scanner: new JsonScanner() });
  } catch (error) {
    await input.close();
    throw error;
  }
}

/** The settings say which properties there are, and the pipeline which of them it needs; undefined: neither says anything. */
function knownColumns({ properties }: JsonSettings, expected: FormatRequest['expected']): FileColumn[] | undefined {
  if (properties === undefined) {
    return expected?.properties.map(({ name, readOptional }) => jsonColumn(name, readOptional === true));
  }
  const columns = properties.map(({ key, value }) => jsonColumn(key, value === false || value === 'f'));
  if (expected === null) return columns;
  const needed = new Set(expected.properties.map(({ name }) => name));
  return columns.filter(({ name }) => needed.has(name));
}

function framingOf(shape: Shape, window: TextWindow): Framing {
  switch (shape) {
    case 'array':
      return new ArrayFraming(window, false);
    case 'wrapped array':
      return new ArrayFraming(window, true);
    case 'objects':
      return new ObjectFraming(window);
    case 'lines':
      return new LineFraming(window);
  }
}

/** Looks at the first records, and leaves the window where it was. */
async function inferColumns(
  window: TextWindow,
  { framing, scanner }: { readonly framing: () => Framing; readonly scanner: JsonScanner },
): Promise<Columns> {
  let wanted = MAX_SAMPLED_BYTES;
  for (;;) {
    if (!window.isLast) await window.fill(Math.max(0, wanted - window.text.length + window.at));
    const start = window.at;
    const { inference, found, isEmpty } = sample(window, { framing: framing(), scanner });
    window.at = start;
    const columns = inference.columns();
    // One record may be larger than all that is sampled.
    if (columns.length > 0) return { columns, issues: inference.issues(found === 'end') };
    if (isEmpty) throw noRecordsYet('the file');
    const isLargest = window.text.length - start > MAX_RECORD_BYTES + MAX_SAMPLED_BYTES;
    if (found !== 'more' || inference.records > 0 || isLargest) {
      throw noColumns('the file has no records with a property that could be read');
    }
    wanted = 2 * window.text.length;
  }
}

function sample(
  window: TextWindow,
  { framing, scanner }: { readonly framing: Framing; readonly scanner: JsonScanner },
): Sample {
  const objects = { read: scanner.endOfValue.bind(scanner) };
  const walk = new RecordWalk(window, framing, { scanner, objects });
  const inference = new ColumnInference();
  const limit = window.at + MAX_SAMPLED_BYTES;
  for (let count = 0; ; count += 1) {
    const found = walk.next();
    if (found !== 'record') return { inference, found, isEmpty: found === 'end' && count === 0 };
    if (walk.failure === null) inference.add(window.text.slice(walk.start, walk.end));
    if (inference.records === MAX_SAMPLED_RECORDS || walk.end > limit) return { inference, found, isEmpty: false };
  }
}
