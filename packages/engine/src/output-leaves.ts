import { isObjectValue, leafProperties, memberOf, type Property, type Value } from '@penstock/language';

/** What a transformation writes, by the columns of the warehouse: the leaf properties of its out paths. */
export interface OutputLeaves {
  readonly paths: readonly string[];
  /** By position of `paths`. */
  readonly properties: readonly Property[];
  /** Values by leaf from values by out path; the same array when every out path is a leaf. */
  spread(values: readonly Value[]): readonly Value[];
}

interface Leaf {
  readonly path: string;
  readonly property: Property;
  /** Position of the out path, and the names from there to the leaf. */
  readonly position: number;
  readonly names: readonly string[];
}

/** The leaves of a transformation's out paths, in their order. An object that is written as a whole has several. */
export function outputLeaves(written: {
  readonly outPaths: readonly string[];
  readonly outProperties: readonly Property[];
}): OutputLeaves {
  const leaves = written.outProperties.flatMap((property, position) =>
    leavesOf(property, written.outPaths[position] ?? '', position),
  );
  const isFlat = leaves.every(({ names }) => names.length === 0);
  return {
    paths: leaves.map(({ path }) => path),
    properties: leaves.map(({ property }) => property),
    spread: isFlat ? (values) => values : (values) => leaves.map((leaf) => valueAt(leaf, values)),
  };
}

function leavesOf(property: Property, path: string, position: number): Leaf[] {
  if (property.type.kind !== 'object') return [{ path, property, position, names: [] }];
  return leafProperties(property.type).map((leaf) => ({
    path: `${path}.${leaf.path}`,
    property: leaf.property,
    position,
    names: leaf.path.split('.'),
  }));
}

/** What is missing on the way is null. */
function valueAt({ position, names }: Leaf, values: readonly Value[]): Value {
  let value: Value = values[position] ?? null;
  for (const name of names) {
    if (!isObjectValue(value)) return null;
    value = memberOf(value, name) ?? null;
  }
  return value;
}
