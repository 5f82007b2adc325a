import type { ErrorDetail } from '@penstock/domain';
import { type Kind, type ObjectType, type Property, timeFormatProblem } from '@penstock/language';
import { type Findings, NO_FINDINGS } from './findings.js';
import type { SourceTraits } from './import-side.js';
import { namedColumnRules } from './named-column.js';

const IDENTIFIER_KINDS: readonly Kind[] = ['string', 'int', 'uuid', 'json'];
const TIME_KINDS: readonly Kind[] = ['datetime', 'date', 'string', 'json'];
const TEXT_KINDS: readonly Kind[] = ['string', 'json'];

export interface ColumnMembers {
  readonly userIDColumn: string;
  readonly updatedAtColumn: string | null;
  readonly updatedAtFormat: string | null;
}

type DraftMembers = Partial<ColumnMembers> & { readonly incremental?: boolean };

/** Rules for the columns with a meaning; a member that is undefined could not be read and is left out. */
export function columnRules(members: DraftMembers, schema: ObjectType | undefined, source: SourceTraits): Findings {
  const { userIDColumn, updatedAtColumn } = members;
  const violations = [
    ...(userIDColumn === undefined ? [] : identifierRules(userIDColumn, schema, source)),
    ...(updatedAtColumn
      ? namedColumnRules(
          { member: 'updatedAtColumn', column: updatedAtColumn, kinds: TIME_KINDS, of: 'inSchema' },
          schema,
        )
      : []),
    ...timeRules(members, schema, source),
  ];
  return { ...NO_FINDINGS, violations, inPaths: [userIDColumn, updatedAtColumn].filter((column) => column != null) };
}

export function storedColumns({ userIDColumn, updatedAtColumn, updatedAtFormat }: ColumnMembers): ColumnMembers {
  return { userIDColumn, updatedAtColumn, updatedAtFormat };
}

function timeRules(members: DraftMembers, schema: ObjectType | undefined, source: SourceTraits): ErrorDetail[] {
  const { updatedAtColumn: column, updatedAtFormat: format, incremental } = members;
  return [
    ...(column === undefined || format === undefined
      ? []
      : [...excelRules(format, source), ...formatRules({ column, format, source }, schema)]),
    ...(incremental && column === null ? [{ path: 'incremental', message: 'needs an updatedAtColumn' }] : []),
  ];
}

function identifierRules(column: string, schema: ObjectType | undefined, source: SourceTraits): ErrorDetail[] {
  const path = 'userIDColumn';
  const violations = namedColumnRules({ member: path, column, kinds: IDENTIFIER_KINDS, of: 'inSchema' }, schema);
  // Where no property may have the flag, that has been said.
  if (!source.allowsReadOptional || !propertyOf(column, schema)?.readOptional) return violations;
  return [...violations, { path, message: 'must not be readOptional: each record needs an identifier' }];
}

interface TimeColumn {
  readonly column: string | null;
  readonly format: string | null;
  readonly source: SourceTraits;
}

function formatRules({ column, format, source }: TimeColumn, schema: ObjectType | undefined): ErrorDetail[] {
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
function excelRules(format: string | null, { allowsExcelTimes }: SourceTraits): ErrorDetail[] {
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
