import type { ErrorDetail } from '@penstock/domain';
import { isPropertyName, type Kind, type ObjectType, type Property, timeFormatProblem } from '@penstock/language';
import type { ImportKind } from './import-kind.js';

const IDENTIFIER_KINDS: readonly Kind[] = ['string', 'int', 'uuid', 'json'];
const TIME_KINDS: readonly Kind[] = ['datetime', 'date', 'string', 'json'];
const TEXT_KINDS: readonly Kind[] = ['string', 'json'];

export interface Columns {
  readonly userIDColumn: string | undefined;
  readonly updatedAtColumn: string | null | undefined;
  readonly updatedAtFormat: string | null | undefined;
  readonly incremental: boolean | undefined;
  readonly kind: Pick<ImportKind, 'allowsExcelTimes' | 'allowsReadOptional'>;
}

/** Rules for the columns with a meaning; a member that is undefined could not be read and is left out. */
export function columnRules(columns: Columns, schema: ObjectType | undefined): ErrorDetail[] {
  const { userIDColumn, updatedAtColumn, updatedAtFormat, incremental, kind } = columns;
  return [
    ...(userIDColumn === undefined ? [] : identifierRules(userIDColumn, schema, kind)),
    ...(updatedAtColumn ? columnOf('updatedAtColumn', updatedAtColumn, TIME_KINDS, schema) : []),
    ...(updatedAtColumn === undefined || updatedAtFormat === undefined
      ? []
      : [
          ...excelRules(updatedAtFormat, kind),
          ...formatRules({ column: updatedAtColumn, format: updatedAtFormat, kind }, schema),
        ]),
    ...(incremental && updatedAtColumn === null ? [{ path: 'incremental', message: 'needs an updatedAtColumn' }] : []),
  ];
}

function identifierRules(column: string, schema: ObjectType | undefined, kind: Columns['kind']): ErrorDetail[] {
  const path = 'userIDColumn';
  const violations = columnOf(path, column, IDENTIFIER_KINDS, schema);
  // Where no property may have the flag, that has been said.
  if (!kind.allowsReadOptional || !propertyOf(column, schema)?.readOptional) return violations;
  return [...violations, { path, message: 'must not be readOptional: each record needs an identifier' }];
}

function columnOf(path: string, column: string, kinds: readonly Kind[], schema: ObjectType | undefined): ErrorDetail[] {
  if (!isPropertyName(column)) return [{ path, message: 'must be the name of a property: letters, digits and "_"' }];
  if (schema === undefined) return [];
  const kind = kindOf(column, schema);
  if (kind === undefined) return [{ path, message: `is not in inSchema: there is no property "${column}"` }];
  return kinds.includes(kind) ? [] : [{ path, message: `must have kind ${kinds.join(', ')}; it has ${kind}` }];
}

interface TimeColumn {
  readonly column: string | null;
  readonly format: string | null;
  readonly kind: Columns['kind'];
}

function formatRules({ column, format, kind: source }: TimeColumn, schema: ObjectType | undefined): ErrorDetail[] {
  const path = 'updatedAtFormat';
  const problem = format === null ? undefined : timeFormatProblem(format);
  if (problem !== undefined) {
    const others = source.allowsExcelTimes ? '"ISO8601", "Excel" or' : '"ISO8601" or';
    return [{ path, message: problem.replace('"ISO8601" or', others) }];
  }
  if (column === null) return format === null ? [] : [{ path, message: 'is not allowed without updatedAtColumn' }];
  const kind = schema && kindOf(column, schema);
  if (kind === undefined) return [];
  if (!TEXT_KINDS.includes(kind))
    return format === null ? [] : [{ path, message: `is not allowed for a column of kind ${kind}` }];
  return format === null ? [{ path, message: `is required for a column of kind ${kind}` }] : [];
}

/** Serial numbers are what spreadsheets have for times; databases do not. */
function excelRules(format: string | null, { allowsExcelTimes }: Columns['kind']): ErrorDetail[] {
  if (format !== 'Excel' || allowsExcelTimes) return [];
  const message = 'can be "Excel" for files only; for a column of a database use "ISO8601" or a strftime pattern';
  return [{ path: 'updatedAtFormat', message }];
}

function kindOf(column: string, schema: ObjectType): Kind | undefined {
  return propertyOf(column, schema)?.type.kind;
}

function propertyOf(column: string, schema: ObjectType | undefined): Property | undefined {
  return schema?.properties.find(({ name }) => name === column);
}
