import type { RawField, RawRow, SourceColumn, SourceReader } from '@penstock/engine';
import {
  type ObjectType,
  type Property,
  textLength,
  toDataJson,
  typeToJson,
  type Value,
  ValueFailure,
} from '@penstock/language';
import type { RecordsPreview } from './connector.js';
import { UnshownRecords } from './unshown-records.js';

/** Text of rows after which a preview is cut, so that a hundred huge rows are not held and sent at once. */
const MAX_PREVIEW_CHARS = 4 * 1024 * 1024;

/** Records that cannot be read after which a preview is cut: there may be no others. */
const MAX_UNREADABLE = 1_000;

/** A reader that knows which columns it leaves out. */
export interface PreviewReader extends SourceReader {
  /** May grow until the last batch. */
  readonly issues: readonly string[];
}

/**
 * Reads a preview and closes the reader. A value that a run would refuse is null, with an issue that says why; a member that a
 * record lacks is left out. `propertyOf` makes the property of a column.
 */
export async function previewOf<C extends SourceColumn>(
  reader: PreviewReader & { readonly columns: readonly C[] },
  limit: number,
  propertyOf: (column: C) => Property = queryProperty,
): Promise<RecordsPreview> {
  const found = new Set<string>();
  try {
    const rows = limit === 0 || reader.columns.length === 0 ? [] : await readRows(reader, limit, found);
    return {
      schema: schemaOf(reader.columns.map(propertyOf)),
      rows,
      issues: [...new Set([...reader.issues, ...found])],
    };
  } finally {
    await reader.close();
  }
}

async function readRows(reader: PreviewReader, limit: number, issues: Set<string>): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  const unshown = new UnshownRecords();
  const cut = await fillRows(rows, reader, { limit, issues, unshown });
  for (const issue of unshown.issues()) issues.add(issue);
  if (cut !== null) issues.add(`rows after these are not shown: ${cut}`);
  return rows;
}

/** Reads rows until there are enough. Returns why there are fewer than there could be, or null. */
async function fillRows(
  rows: Record<string, unknown>[],
  reader: PreviewReader,
  {
    limit,
    issues,
    unshown,
  }: { readonly limit: number; readonly issues: Set<string>; readonly unshown: UnshownRecords },
): Promise<string | null> {
  let chars = 0;
  for await (const batch of reader.batches()) {
    for (const record of batch.unreadable) unshown.add(record);
    for (const row of batch.rows) {
      chars += row.reduce<number>((sum, field) => sum + sizeOf(field), 0);
      if (chars > MAX_PREVIEW_CHARS) return 'they are too large';
      rows.push(rowData(row, reader.columns, issues));
      if (rows.length === limit) return null;
    }
    if (unshown.count > MAX_UNREADABLE) return 'too many before them cannot be read';
  }
  return null;
}

function rowData(row: RawRow, columns: readonly SourceColumn[], issues: Set<string>): Record<string, unknown> {
  const data = columns.flatMap((column, index): [string, unknown][] => {
    const value = decode(column, row[index]);
    if (value === undefined) return [];
    if (!(value instanceof ValueFailure)) return [[column.name, toDataJson(column.type, value)]];
    issues.add(`a value is not shown: ${value.message}`);
    return [[column.name, null]];
  });
  return Object.fromEntries(data);
}

function decode({ decode }: SourceColumn, field: RawField): Value | ValueFailure | undefined {
  return typeof field !== 'string' || decode === undefined ? field : decode(field);
}

function sizeOf(field: RawField): number {
  return field === undefined || field instanceof ValueFailure ? 0 : textLength([field]);
}

/** A query says nothing of null. */
function queryProperty({ name, type }: SourceColumn): Property {
  return { name, type, nullable: true, description: '' };
}

function schemaOf(properties: readonly Property[]): unknown {
  return properties.length === 0 ? null : typeToJson({ kind: 'object', properties } satisfies ObjectType);
}
