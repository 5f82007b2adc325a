import type { Value } from '@penstock/language';
import { compiledOf, type Transformation } from './transformation.js';

/** Makes what is written of a user, by property name, from the values by out path and the value of the matching property. */
export type ReadAttributes = (values: readonly Value[], matching: Value) => Readonly<Record<string, Value>>;

interface Target {
  readonly names: readonly string[];
  readonly nullable: boolean;
}

/**
 * Compiles what is written of users. A value that is missing is left out, unless the property can be null: then it is emptied. `matchingPath` is that of the
 * property that users are found by, where it is written.
 */
export function compileAttributes(transformation: Transformation, matchingPath: string | null): ReadAttributes {
  const { outPaths, outProperties } = compiledOf(transformation);
  const targets = outPaths.map((path, index) => ({
    names: path.split('.'),
    nullable: outProperties[index]?.nullable === true,
  }));
  const matching = matchingPath === null ? null : { names: matchingPath.split('.'), nullable: false };
  return (values, matchingValue) => {
    const attributes: Record<string, Value> = Object.create(null) as Record<string, Value>;
    for (const [index, target] of targets.entries()) put(attributes, target, values[index] ?? null);
    if (matching !== null) put(attributes, matching, matchingValue);
    return attributes;
  };
}

function put(attributes: Record<string, Value>, { names, nullable }: Target, value: Value): void {
  if (value === null && !nullable) return;
  let object = attributes;
  for (const name of names.slice(0, -1)) {
    const member = object[name];
    const next = (member ?? Object.create(null)) as Record<string, Value>;
    object[name] = next;
    object = next;
  }
  object[names.at(-1) ?? ''] = value;
}
