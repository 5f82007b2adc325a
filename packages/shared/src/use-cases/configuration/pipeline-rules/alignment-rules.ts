import type { ErrorDetail } from '@penstock/domain';
import { leafProperties, type ObjectType, type Property, sameType, typeText } from '@penstock/language';
import { propertiesByPath } from './find-property.js';

/** What is read or written of profiles must exist in the workspace's profile schema, with the same type: each run requires it. */
export function alignmentRules(name: string, schema: ObjectType, profileSchema: ObjectType): ErrorDetail[] {
  const existing = propertiesByPath(profileSchema);
  return leafProperties(schema).flatMap(({ path, property }) => {
    const message = misalignment(property, existing.get(path));
    return message === undefined ? [] : [{ path: name, message: `property "${path}" ${message}` }];
  });
}

function misalignment({ type }: Property, existing: Property | undefined): string | undefined {
  if (existing === undefined) return 'is not in the profile schema: GET /v1/profiles/schema shows what is';
  if (sameType(existing.type, type)) return undefined;
  const [own, theirs] = [typeText(type), typeText(existing.type)];
  const difference = `has type ${own}, in the profile schema it has ${theirs}`;
  return `${difference}${own === theirs ? ' with other parameters' : ''}: give it that type`;
}
