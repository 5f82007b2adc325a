import type { ObjectType } from '@penstock/language';

/**
 * The paths of the properties that nobody uses, without those of objects, in the order of the schema. A used object uses all
 * that is in it, and a path into a property uses the property.
 */
export function unusedProperties(schema: ObjectType, used: readonly string[]): string[] {
  const whole = new Set(used);
  const isEntered = prefixTest([...whole]);
  const below = ({ properties }: ObjectType, prefix: string): string[] =>
    properties.flatMap(({ name, type }) => {
      const path = prefix + name;
      if (whole.has(path)) return [];
      if (type.kind === 'object') return below(type, `${path}.`);
      return isEntered(`${path}.`) ? [] : [path];
    });
  return below(schema, '');
}

/** Tests whether one of the texts begins with a prefix. Sorted, the first that is not before the prefix is the one that could. */
function prefixTest(texts: readonly string[]): (prefix: string) => boolean {
  const sorted = texts.toSorted();
  return (prefix) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? '') < prefix) low = middle + 1;
      else high = middle;
    }
    return sorted[low]?.startsWith(prefix) === true;
  };
}
