import { StepError } from '@penstock/domain';
import {
  leafProperties,
  type ObjectType,
  type Property,
  propertyAt,
  sameType,
  type Type,
  typeText,
  typeToJson,
} from '@penstock/language';
import type { OutputLeaves } from './output-leaves.js';
import type { SourceColumn, SourceReader } from './source.js';

const REVIEW = 'review the pipeline and update it';
const MAX_FINDINGS = 5;
const MAX_TYPE_LENGTH = 200;

/**
 * The positions, in the source's rows, of the properties that the pipeline was defined with.
 * @throws StepError SchemaDrift at InputValidation that names the property and both types.
 */
export function alignInput(
  inSchema: ObjectType,
  { columns, subject = 'the source' }: Pick<SourceReader, 'columns' | 'subject'>,
): number[] {
  const positions = inSchema.properties.map(({ name }) => columns.findIndex((column) => column.name === name));
  const findings = inSchema.properties.flatMap((property, index) =>
    columnDrift(property, columns[positions[index] ?? -1], subject),
  );
  if (findings.length > 0) throw drift('InputValidation', findings);
  return positions;
}

function columnDrift({ name, type }: Property, column: SourceColumn | undefined, subject: string): string[] {
  if (column === undefined) return [`${subject} no longer has the column "${name}"`];
  return sameType(column.type, type) ? [] : [`the column "${name}" has type ${difference(type, column.type)}`];
}

/**
 * Checks that what the pipeline writes still exists in the profile schema.
 * @throws StepError SchemaDrift at OutputValidation that names the property and both types.
 */
export function alignOutput({ paths, properties }: OutputLeaves, profileSchema: ObjectType): void {
  const findings = paths.flatMap((path, index) => propertyDrift(path, properties[index], profileSchema));
  if (findings.length > 0) throw drift('OutputValidation', findings);
}

/**
 * Checks that what the pipeline reads still exists in the profile schema.
 * @throws StepError SchemaDrift at InputValidation that names the property and both types.
 */
export function alignProfile(inSchema: ObjectType, profileSchema: ObjectType): void {
  const findings = leafProperties(inSchema).flatMap(({ path, property }) =>
    propertyDrift(path, property, profileSchema),
  );
  if (findings.length > 0) throw drift('InputValidation', findings);
}

function propertyDrift(path: string, written: Property | undefined, profileSchema: ObjectType): string[] {
  const existing = findProperty(profileSchema, path);
  if (existing === undefined) return [`the profile schema no longer has the property "${path}"`];
  if (written === undefined || sameType(written.type, existing.type)) return [];
  return [`the profile property "${path}" has type ${difference(written.type, existing.type)}`];
}

function findProperty(schema: ObjectType, path: string): Property | undefined {
  try {
    return propertyAt(schema, path);
  } catch {
    return undefined;
  }
}

function difference(defined: Type, found: Type): string {
  const show = typeText(defined) === typeText(found) ? withParameters : typeText;
  return `${show(found)}, but the pipeline was defined with ${show(defined)}`;
}

/** Types of one kind and size differ by parameters that their short text leaves out. */
function withParameters(type: Type): string {
  return JSON.stringify(typeToJson(type)).slice(0, MAX_TYPE_LENGTH);
}

function drift(step: 'InputValidation' | 'OutputValidation', findings: readonly string[]): StepError {
  const more = findings.length > MAX_FINDINGS ? ` and ${findings.length - MAX_FINDINGS} more` : '';
  const shown = findings.slice(0, MAX_FINDINGS).join('; ');
  return new StepError(step, 'SchemaDrift', { message: `${shown}${more}; ${REVIEW}` });
}
