import type { ImportDefinition } from '@penstock/domain';
import type { SchemaRules } from './schema-member.js';
import { forbiddenFlags, SOURCE_FLAGS } from './schema-rules.js';
import { walkProperties } from './walk-properties.js';

/** What is particular about the records of a kind of source. */
export interface SourceTraits {
  /** For messages: `a column of a database`. */
  readonly property: string;
  /** Whether a record may lack a property of the input schema. */
  readonly allowsReadOptional: boolean;
  /** Whether update times may be serial numbers of spreadsheets. */
  readonly allowsExcelTimes: boolean;
}

export const SOURCES: Readonly<Record<ImportDefinition['kind'], SourceTraits>> = {
  'import-from-database': { property: 'a column of a database', allowsReadOptional: false, allowsExcelTimes: false },
  'import-from-file': { property: 'a column of a file', allowsReadOptional: true, allowsExcelTimes: true },
  'import-from-application': {
    property: 'a property of an application that is imported from',
    allowsReadOptional: true,
    allowsExcelTimes: false,
  },
};

/** Rules for the properties of a source. */
export function sourceSideRules({ allowsReadOptional, property: of }: SourceTraits): SchemaRules {
  const flags = allowsReadOptional ? SOURCE_FLAGS : ([...SOURCE_FLAGS, 'readOptional'] as const);
  return (name, schema) =>
    walkProperties(schema).flatMap(({ property, at }) =>
      forbiddenFlags(property, flags, { path: `${name}.${at}`, of }),
    );
}
