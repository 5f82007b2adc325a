import type { Kind, Property, StringType } from '../types/type.js';
import type { FilterOperator, FilterUse } from './filter.js';
import { ENUMERATION_FAMILIES, FAMILY_KINDS, operatorFamily } from './operator-rules.js';

/** A property as a condition names it. */
export interface ConditionTarget {
  readonly property: Property;
  readonly jsonKeys: readonly string[];
}

/** Elements that have no equality that a filter could ask for. */
const INCOMPARABLE_ELEMENTS: readonly Kind[] = ['boolean', 'array', 'object', 'map'];

const READ_OPTIONAL_ONLY =
  'can only be used with read-optional properties or with json properties that include a JSON path';

/** Why an operator cannot be used with a property; undefined when it can. */
export function operatorRefusal(operator: FilterOperator, target: ConditionTarget, use: FilterUse): string | undefined {
  const reason = refusalReason(operator, target, use);
  return reason === undefined ? undefined : `operator "${operator}" ${reason}`;
}

function refusalReason(operator: FilterOperator, target: ConditionTarget, use: FilterUse): string | undefined {
  const { property, jsonKeys } = target;
  const family = operatorFamily(operator);
  switch (family) {
    case 'existence':
      return property.readOptional || jsonKeys.length > 0 ? undefined : READ_OPTIONAL_ONLY;
    case 'nullness':
      if (property.nullable || property.type.kind === 'json') return undefined;
      return 'can only be used with nullable or json properties';
    case 'emptiness':
      return emptinessReason(property, use);
    default:
      return kindReason(property, family);
  }
}

function emptinessReason({ type }: Property, use: FilterUse): string | undefined {
  if (!FAMILY_KINDS.emptiness.includes(type.kind)) {
    return 'can only be used with json, string, object, array, and map properties';
  }
  if (type.kind === 'string' && type.values !== undefined && !type.values.includes('')) {
    return 'cannot be used on string properties that exclude the empty string from allowed values';
  }
  if (type.kind !== 'object' || use === 'import') return undefined;
  return `cannot be used on object properties for ${use === 'events' ? 'pipelines on events' : 'destination pipelines on users'}`;
}

function kindReason({ type }: Property, family: keyof typeof FAMILY_KINDS): string | undefined {
  const { kind } = type;
  if (!FAMILY_KINDS[family].includes(kind)) {
    // Everything that equality does not apply to is called boolean; users of the API know these texts.
    return `cannot be used with ${family === 'equality' ? 'boolean' : kind} properties`;
  }
  if (kind === 'array' && INCOMPARABLE_ELEMENTS.includes(type.elementType.kind)) {
    return `cannot be used with array(${type.elementType.kind}) properties`;
  }
  return kind === 'string' ? enumerationReason(type, family) : undefined;
}

function enumerationReason({ values }: StringType, family: keyof typeof FAMILY_KINDS): string | undefined {
  if (values === undefined || ENUMERATION_FAMILIES.includes(family)) return undefined;
  return 'cannot be used with string type that has values';
}
