import type { Property, Type } from '../types/type.js';
import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import { Refusal } from './refusal.js';
import type { ResultContext } from './result-reader.js';

/** Reads a property of a result, undefined when it is absent. Gives undefined when the property has no value then. */
export type MemberReader<T> = (value: unknown) => T | null | string | undefined | Refusal;

/** Compiles what null and absence mean for a property; `read` is for everything else. */
export function memberReader<T>(
  property: Property,
  context: ResultContext,
  read: (value: unknown) => T | Refusal,
): MemberReader<T> {
  const required = requirement(property, context);
  const onNull = property.nullable ? null : jsonNull(property.type, context);
  const dropsNull = context.purpose === 'Import';
  return (value) => {
    if (value === undefined) return required === undefined ? undefined : new Refusal('Missing', required);
    if (value !== null) return read(value);
    return onNull === undefined && !dropsNull ? nullRefusal(context) : onNull;
  };
}

/** What is said when a property is absent that must not be. */
function requirement(property: Property, { purpose }: ResultContext): string | undefined {
  if (purpose === 'Create' && property.createRequired) return 'is missing but it is required for creation';
  return purpose === 'Update' && property.updateRequired ? 'is missing but it is required for update' : undefined;
}

/** Refuses the first member of a result that is none of the properties. */
export function unknownRefusal(properties: readonly Property[]): (result: object) => Refusal | undefined {
  const names = new Set(properties.map((property) => property.name));
  const text = 'is not part of output schema; rename or remove it in the transformation function';
  return (result) => {
    for (const key of Object.keys(result)) {
      if (!names.has(key)) return new Refusal('UnknownProperty', text).ofProperty(key);
    }
    return undefined;
  };
}

export function wrongType(typeName: string): Refusal {
  return new Refusal('WrongType', `has a value that is not of type «${shownText(typeName, MAX_SHOWN.type)}»`);
}

export function nullRefusal({ dialect: { nullName } }: ResultContext): Refusal {
  return new Refusal('NotNullable', `cannot be «${nullName}», but it is set to «${nullName}»`);
}

/** The canonical form of JSON null, where null in a value of the type means that. */
export function jsonNull(type: Type, { preserveJSON }: ResultContext): string | undefined {
  return type.kind === 'json' && !preserveJSON ? 'null' : undefined;
}

/** Whether a value is what JSON calls an object. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member of a result; undefined when it has no such key of its own. */
export function ownMember(result: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(result, name) ? result[name] : undefined;
}
