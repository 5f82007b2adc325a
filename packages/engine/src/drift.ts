import { StepError } from '@penstock/domain';
import { type ObjectType, type Property, propertyAt, sameType, type Type, typeText } from '@penstock/language';
import type { OutputLeaves } from './output-leaves.js';
import type { SourceColumn } from './source.js';

const REVIEW = 'review the pipeline and update it';

/**
 * The positions, in the source's rows, of the properties that the pipeline was defined with.
 * @throws StepError SchemaDrift at InputValidation that names the property and both types.
 */
export function alignInput(inSchema: ObjectType, columns: readonly SourceColumn[]): number[] {
  return inSchema.properties.map((property) => {
    const position = columns.findIndex(({ name }) => name === property.name);
    const column = columns[position];
    if (column === undefined) {
      throw drift('InputValidation', `the query no longer returns the column "${property.name}"`);
    }
    if (!sameType(column.type, property.type)) {
      throw drift(
        'InputValidation',
        `the column "${property.name}" has type ${difference(property.type, column.type)}`,
      );
    }
    return position;
  });
}

/**
 * Checks that what the pipeline writes still exists in the profile schema.
 * @throws StepError SchemaDrift at OutputValidation that names the property and both types.
 */
export function alignOutput({ paths, properties }: OutputLeaves, profileSchema: ObjectType): void {
  for (const [index, path] of paths.entries()) {
    const written = properties[index];
    const existing = findProperty(profileSchema, path);
    if (existing === undefined) {
      throw drift('OutputValidation', `the profile schema no longer has the property "${path}"`);
    }
    if (written !== undefined && !sameType(written.type, existing.type)) {
      throw drift(
        'OutputValidation',
        `the profile property "${path}" has type ${difference(written.type, existing.type)}`,
      );
    }
  }
}

function findProperty(schema: ObjectType, path: string): Property | undefined {
  try {
    return propertyAt(schema, path);
  } catch {
    return undefined;
  }
}

function difference(defined: Type, found: Type): string {
  return `${typeText(found)}, but the pipeline was defined with ${typeText(defined)}`;
}

function drift(step: 'InputValidation' | 'OutputValidation', what: string): StepError {
  return new StepError(step, 'SchemaDrift', { message: `${what}; ${REVIEW}` });
}
