import { connectors, type FileFormatConnector, findFormat } from '@penstock/connectors';
import type { ErrorDetail, FileImportDefinition } from '@penstock/domain';
import {
  type Filter,
  FilterError,
  filterToJson,
  type ObjectType,
  parseFilter,
  sameType,
  typeToJson,
} from '@penstock/language';
import { fileImportMembers } from '../../../contracts/pipelines.js';
import { explainIssue, violationsOf } from '../../../contracts/violations.js';
import type { FileImportMembers, ImportKind, KindFindings } from './import-kind.js';

/** Imports users from files of a storage, in a format that the pipeline names. */
export const fileImport: ImportKind<FileImportMembers> = {
  kind: 'import-from-file',
  what: 'a pipeline that imports users from a file',
  column: 'a column of a file',
  membersSchema: fileImportMembers,
  allowsReadOptional: true,
  allowsExcelTimes: true,
  ownRules,
  define: (members, inSchema) => {
    const { path, sheet, compression, formatSettings } = members;
    const format = findFormat(members.format);
    return {
      kind: 'import-from-file',
      ...{ format: format.code, path, sheet, compression },
      // With the defaults of today, so that others of tomorrow do not change what is imported.
      formatSettings: format.settingsSchema.parse(formatSettings),
      filter: members.filter == null ? null : toDefinition(parseFilter(members.filter, inSchema, 'import')),
    };
  },
};

function ownRules(members: Partial<FileImportMembers>, inSchema: ObjectType | undefined): KindFindings {
  const format = connectorOf(members.format);
  const filter = filterRules(members.filter, inSchema);
  return {
    violations: [
      ...pathRules(members.path),
      ...(format === undefined ? [] : sheetRules(members.sheet, format)),
      ...(format === undefined ? [] : settingsRules(members.formatSettings, format)),
      ...(format === undefined || inSchema === undefined ? [] : typeRules(inSchema, format)),
      ...filter.violations,
    ],
    usedPaths: filter.usedPaths,
  };
}

/** The connector of a format; undefined when there is none, which is said when nothing else is wrong. */
function connectorOf(code: string | undefined): FileFormatConnector | undefined {
  const connector = code === undefined ? undefined : connectors.get(code);
  return connector?.type === 'File' ? connector : undefined;
}

function pathRules(path: string | undefined): ErrorDetail[] {
  if (path === undefined || !path.includes('${')) return [];
  return [{ path: 'path', message: 'must not have a placeholder: they are for the paths of files that are written' }];
}

function sheetRules(sheet: string | null | undefined, { label, hasSheets }: FileFormatConnector): ErrorDetail[] {
  if (sheet === undefined) return [];
  const path = 'sheet';
  if (!hasSheets) return sheet === null ? [] : [{ path, message: `is not allowed for ${label}: it has no sheets` }];
  return sheet === null ? [{ path, message: `is required for ${label}` }] : [];
}

/** What no file of a format can have would fail every run. */
function typeRules({ properties }: ObjectType, { label, columnType }: FileFormatConnector): ErrorDetail[] {
  if (columnType === undefined) return [];
  return properties.flatMap(({ type }, index) =>
    sameType(type, columnType)
      ? []
      : [
          {
            path: `inSchema.properties[${index}].type`,
            message: `must be ${JSON.stringify(typeToJson(columnType))}: every column of ${label} is of that type, and the mapping converts it`,
          },
        ],
  );
}

function settingsRules(
  settings: FileImportMembers['formatSettings'] | undefined,
  { settingsSchema }: FileFormatConnector,
): ErrorDetail[] {
  if (settings === undefined) return [];
  const result = settingsSchema.safeParse(settings, { error: explainIssue });
  if (result.success) return [];
  return violationsOf(result.error, '').map(({ path, message }) => ({
    path: path === '' ? 'formatSettings' : `formatSettings.${path}`,
    message,
  }));
}

function filterRules(filter: FileImportMembers['filter'], inSchema: ObjectType | undefined): KindFindings {
  const none: KindFindings = { violations: [], usedPaths: [] };
  if (filter == null || inSchema === undefined) return none;
  try {
    const { conditions } = filterToJson(parseFilter(filter, inSchema, 'import'));
    return { ...none, usedPaths: conditions.map(({ property }) => property) };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const at = (path: string): string => (path === '' ? 'filter' : `filter.${path}`);
    return { ...none, violations: error.violations.map(({ path, message }) => ({ path: at(path), message })) };
  }
}

/** Stored as the parser understood it, so that the same filter written otherwise is no change. */
function toDefinition(filter: Filter): NonNullable<FileImportDefinition['filter']> {
  const { logical, conditions } = filterToJson(filter);
  return {
    logical,
    conditions: conditions.map(({ property, operator, values }) => ({
      property,
      operator,
      ...(values && { values: [...values] }),
    })),
  };
}
