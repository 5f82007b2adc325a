import { AppError } from '@penstock/domain';
import { headerColumns, letterColumns, type NamedColumn } from '../files/column-names.js';
import type { FileColumn, FileContent, FileReader } from '../files/file-format.js';
import { CsvInput } from './csv-input.js';
import { CsvReader, type OpenedCsv } from './csv-reader.js';
import { RecordParser } from './record-parser.js';
import { describeProblem } from './record-problem.js';
import { separatorIssues } from './separator-issues.js';
import type { CsvSettings } from './settings.js';
import { ToUtf8 } from './to-utf8.js';

type Columns = Pick<OpenedCsv, 'columns' | 'issues' | 'positions' | 'first'>;

/** Reads a file as far as its columns. Throws AppError `InvalidFile` or `NoColumnsFound`. */
export async function openCsv(settings: CsvSettings, content: FileContent, signal: AbortSignal): Promise<FileReader> {
  const parser = new RecordParser(settings);
  const toUtf8 = new ToUtf8(settings.encoding);
  const input = new CsvInput(content, { parser, toUtf8 }, signal);
  try {
    parser.columns = settings.numberOfColumns;
    const first = (await firstRecord(input, parser)) ?? [];
    const { encoding } = toUtf8;
    if (settings.hasColumnNames || settings.numberOfColumns === 0)
      checkFirst(parser, first.length, { settings, encoding });
    const columns = settings.hasColumnNames
      ? named(first, separatorIssues(first, parser.line, settings))
      : unnamed(settings.numberOfColumns || first.length, first);
    parser.columns = settings.numberOfColumns || first.length;
    return new CsvReader({ ...columns, input, parser, encoding }, signal);
  } catch (error) {
    await input.close();
    throw error;
  }
}

async function firstRecord(input: CsvInput, parser: RecordParser): Promise<readonly string[] | null> {
  let fields = parser.next();
  while (fields === null && (await input.more())) fields = parser.next();
  return fields;
}

interface FirstContext {
  readonly settings: CsvSettings;
  readonly encoding: string;
}

/** What the first record has is what all others must have: it cannot fail alone. */
function checkFirst({ problem, line }: RecordParser, fields: number, { settings, encoding }: FirstContext): void {
  if (problem === null) return;
  const { hasColumnNames, numberOfColumns } = settings;
  const what = `line ${line}: the ${hasColumnNames ? 'header' : 'first record'}`;
  const isRagged = problem === 'TooFewFields' || problem === 'TooManyFields';
  const count = problem === 'TooManyFields' ? `more than ${numberOfColumns}` : fields;
  const message = isRagged
    ? `${what} has ${count} fields, but numberOfColumns is ${numberOfColumns}`
    : `${what} ${describeProblem(problem, encoding)}`;
  throw new AppError('InvalidFile', { message });
}

/** Columns whose header makes no name of their own are left out. `doubts` are added to what is said of them. */
function named(header: readonly string[], doubts: readonly string[]): Columns {
  const { columns, issues } = headerColumns(header);
  const kept = columns.flatMap((column, position) => (column === undefined ? [] : [{ column, position }]));
  return {
    columns: kept.map(({ column }) => textColumn(column)),
    issues: [...issues, ...doubts],
    positions: kept.length === columns.length ? null : kept.map(({ position }) => position),
    first: null,
  };
}

/** An empty file has no columns, even if its settings say how many. */
function unnamed(count: number, first: readonly string[]): Columns {
  const columns = letterColumns(first.length === 0 ? 0 : count).map(textColumn);
  return { columns, issues: [], positions: null, first };
}

function textColumn(column: NamedColumn): FileColumn {
  return { ...column, type: { kind: 'string' } };
}
