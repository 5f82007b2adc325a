import type { RawRow, SourceColumn, SourceReader } from '@penstock/engine';
import { type ObjectType, toDataJson, typeToJson, type Value, ValueFailure } from '@penstock/language';
import type { QueryPreview } from './connector.js';

/** Text of rows after which a preview is cut, so that a hundred huge rows are not held and sent at once. */
const MAX_PREVIEW_CHARS = 4 * 1024 * 1024;

/** A reader that knows which columns it leaves out. */
export interface PreviewReader extends SourceReader {
  readonly issues: readonly string[];
}

/** Reads a preview and closes the reader. A value that a run would refuse is null, with an issue that says why. */
export async function previewOf(reader: PreviewReader, limit: number): Promise<QueryPreview> {
  const issues = new Set(reader.issues);
  try {
    const rows = limit === 0 || reader.columns.length === 0 ? [] : await readRows(reader, issues);
    return { schema: schemaOf(reader.columns), rows, issues: [...issues] };
  } finally {
    await reader.close();
  }
}

async function readRows(reader: PreviewReader, issues: Set<string>): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  let chars = 0;
  for await (const batch of reader.batches()) {
    for (const { message } of batch.unreadable) issues.add(`a row is not shown: ${message}`);
    for (const row of batch.rows) {
      chars += row.reduce((sum, field) => sum + (field?.length ?? 0), 0);
      if (chars > MAX_PREVIEW_CHARS) {
        issues.add('rows after these are not shown: they are too large');
        return rows;
      }
      rows.push(rowData(row, reader.columns, issues));
    }
  }
  return rows;
}

function rowData(row: RawRow, columns: readonly SourceColumn[], issues: Set<string>): Record<string, unknown> {
  const data: [string, unknown][] = columns.map((column, index) => {
    const value = decode(column, row[index] ?? null);
    if (!(value instanceof ValueFailure)) return [column.name, toDataJson(column.type, value)];
    issues.add(`a value is not shown: ${value.message}`);
    return [column.name, null];
  });
  return Object.fromEntries(data);
}

function decode({ decode }: SourceColumn, field: string | null): Value | ValueFailure {
  return field === null || decode === undefined ? field : decode(field);
}

function schemaOf(columns: readonly SourceColumn[]): unknown {
  if (columns.length === 0) return null;
  const properties = columns.map(({ name, type }) => ({ name, type, nullable: true, description: '' }));
  return typeToJson({ kind: 'object', properties } satisfies ObjectType);
}
