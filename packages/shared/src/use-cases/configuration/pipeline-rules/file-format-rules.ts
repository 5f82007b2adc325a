import { connectors, type FileFormatConnector, findFormat } from '@penstock/connectors';
import type { ErrorDetail, FileImportDefinition } from '@penstock/domain';
import { type ObjectType, sameType, typeToJson } from '@penstock/language';
import { explainIssue, violationsOf } from '../../../contracts/violations.js';

/** Which settings of a format count: those of reading or those of writing. */
export type FormatUse = 'settingsSchema' | 'writeSettingsSchema';

export interface FormatMembers {
  readonly format: string;
  readonly sheet: string | null;
  readonly formatSettings: Readonly<Record<string, unknown>>;
  readonly compression: FileImportDefinition['compression'];
}

/** Rules for the members that say in which format a file is; members that could not be read are absent. */
export function formatRules({ format, sheet, formatSettings }: Partial<FormatMembers>, use: FormatUse): ErrorDetail[] {
  const connector = connectorOf(format);
  return connector === undefined
    ? []
    : [...sheetRules(sheet, connector), ...settingsRules(formatSettings, connector[use])];
}

/** The members as they are stored. @throws AppError FormatNotExist */
export function storedFormat({ format: code, sheet, compression, formatSettings }: FormatMembers, use: FormatUse) {
  const format = findFormat(code);
  return {
    ...{ format: format.code, sheet, compression },
    // With the defaults of today, so that others of tomorrow do not change what is read or written.
    formatSettings: format[use].parse(formatSettings),
  };
}

/** What no file of a format can have would fail every run. */
export function columnTypeRules(format: string | undefined, inSchema: ObjectType | undefined): ErrorDetail[] {
  const { label, columnType } = connectorOf(format) ?? {};
  if (columnType === undefined || inSchema === undefined) return [];
  const message = `must be ${JSON.stringify(typeToJson(columnType))}: every column of ${label} is of that type, and the mapping converts it`;
  return inSchema.properties.flatMap(({ type }, index) =>
    sameType(type, columnType) ? [] : [{ path: `inSchema.properties[${index}].type`, message }],
  );
}

/** The connector of a format; undefined when there is none, which is said when nothing else is wrong. */
function connectorOf(code: string | undefined): FileFormatConnector | undefined {
  const connector = code === undefined ? undefined : connectors.get(code);
  return connector?.type === 'File' ? connector : undefined;
}

function sheetRules(sheet: string | null | undefined, { label, hasSheets }: FileFormatConnector): ErrorDetail[] {
  if (sheet === undefined) return [];
  const path = 'sheet';
  if (!hasSheets) return sheet === null ? [] : [{ path, message: `is not allowed for ${label}: it has no sheets` }];
  return sheet === null ? [{ path, message: `is required for ${label}` }] : [];
}

function settingsRules(
  settings: FormatMembers['formatSettings'] | undefined,
  schema: FileFormatConnector[FormatUse],
): ErrorDetail[] {
  if (settings === undefined) return [];
  const result = schema.safeParse(settings, { error: explainIssue });
  if (result.success) return [];
  return violationsOf(result.error, '').map(({ path, message }) => ({
    path: path === '' ? 'formatSettings' : `formatSettings.${path}`,
    message,
  }));
}
