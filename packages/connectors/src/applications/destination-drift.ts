import { AppError } from '@penstock/domain';
import type { DestinationColumn } from '@penstock/engine';
import { type ObjectType, sameType } from '@penstock/language';

/** Checks what is written against what an application takes now. @throws AppError SchemaDrift */
export function checkColumns(columns: readonly DestinationColumn[], current: ObjectType, application: string): void {
  for (const { name, type } of columns) {
    const property = current.properties.find((candidate) => candidate.name === name);
    if (property === undefined) {
      throw drift(
        `${application} does not take a property "${name}" any more: take it out of the pipeline's out schema`,
      );
    }
    if (!sameType(type, property.type)) {
      throw drift(`property "${name}" has another type in ${application} now: update the pipeline's out schema`);
    }
  }
}

function drift(message: string): AppError {
  return new AppError('SchemaDrift', { message });
}
