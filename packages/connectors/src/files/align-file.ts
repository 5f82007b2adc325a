import { AppError } from '@penstock/domain';
import type { RawRow, SourceColumn } from '@penstock/engine';
import { sameType, type Type, typeText, typeToJson } from '@penstock/language';

/** Columns by name and type, and who says so. */
export interface WantedColumns {
  readonly columns: readonly { readonly name: string; readonly type: Type }[];
  /** For a column that is not there. */
  readonly missing: 'does not have' | 'no longer has';
  /** As the end of a sentence: `the pipeline was defined with`. */
  readonly saidBy: string;
}

const MAX_FINDINGS = 5;
const MAX_TYPE_LENGTH = 200;

/** Checks that a file has the wanted columns. @throws AppError SchemaDrift that names the file and the columns. */
export function checkColumns(path: string, columns: readonly SourceColumn[], wanted: WantedColumns): void {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const findings = wanted.columns.flatMap(({ name, type }) => {
    const column = byName.get(name);
    if (column === undefined) return [`file "${path}" ${wanted.missing} the column "${name}"`];
    if (sameType(column.type, type)) return [];
    return [`the column "${name}" of file "${path}" has type ${difference(column.type, type, wanted.saidBy)}`];
  });
  if (findings.length === 0) return;
  const more = findings.length > MAX_FINDINGS ? ` and ${findings.length - MAX_FINDINGS} more` : '';
  throw new AppError('SchemaDrift', { message: `${findings.slice(0, MAX_FINDINGS).join('; ')}${more}` });
}

/**
 * Makes the records of a file into those of another one, by the names of the columns, with fields decoded: the decoders of two
 * files may differ. Only `needed` columns are decoded; null decodes all. undefined where the records are so already.
 */
export function projection(
  from: readonly SourceColumn[],
  to: readonly SourceColumn[],
  needed: ReadonlySet<string> | null,
): ((row: RawRow) => RawRow) | undefined {
  const positions = to.map(({ name }) => from.findIndex((column) => column.name === name));
  const decoders = to.map(({ name }, index) => {
    return needed === null || needed.has(name) ? from[positions[index] ?? -1]?.decode : undefined;
  });
  const isDecoded = decoders.every((decode) => decode === undefined);
  if (isDecoded && positions.every((position, index) => position === index)) return undefined;
  return (row) => {
    const projected = new Array(positions.length);
    for (let index = 0; index < positions.length; index += 1) {
      const field = row[positions[index] as number];
      const decode = decoders[index];
      projected[index] = decode === undefined || typeof field !== 'string' ? field : decode(field);
    }
    return projected;
  };
}

function difference(found: Type, wanted: Type, saidBy: string): string {
  const show = typeText(found) === typeText(wanted) ? withParameters : typeText;
  return `${show(found)}, but ${saidBy} ${show(wanted)}`;
}

/** Types of one kind and size differ by parameters that their short text leaves out. */
function withParameters(type: Type): string {
  return JSON.stringify(typeToJson(type)).slice(0, MAX_TYPE_LENGTH);
}
