import type { ErrorDetail } from '@penstock/domain';
import {
  leafProperties,
  type ObjectType,
  PathNotExistError,
  type Property,
  propertyAt,
  sameType,
  typeText,
} from '@penstock/language';

/** What is written must exist in the workspace's profile schema, with the same type: each run requires it. */
export function alignmentRules(outSchema: ObjectType, profileSchema: ObjectType): ErrorDetail[] {
  return leafProperties(outSchema).flatMap(({ path, property }) => {
    const message = misalignment(property, find(profileSchema, path));
    return message === undefined ? [] : [{ path: 'outSchema', message: `property "${path}" ${message}` }];
  });
}

function misalignment({ type }: Property, existing: Property | undefined): string | undefined {
  if (existing === undefined) return 'is not in the profile schema: GET /v1/profiles/schema shows what is';
  if (sameType(existing.type, type)) return undefined;
  const [own, theirs] = [typeText(type), typeText(existing.type)];
  const difference = `has type ${own}, in the profile schema it has ${theirs}`;
  return `${difference}${own === theirs ? ' with other parameters' : ''}: give it that type`;
}

function find(schema: ObjectType, path: string): Property | undefined {
  try {
    return propertyAt(schema, path);
  } catch (error) {
    if (error instanceof PathNotExistError) return undefined;
    throw error;
  }
}
