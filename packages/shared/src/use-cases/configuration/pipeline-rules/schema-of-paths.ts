import { type ObjectType, parsePropertyPath } from '@penstock/language';

type Tree = Map<string, Tree>;

/** A schema that has these paths, as far as they are paths; every leaf is of kind json, which all values can become. */
export function schemaOfPaths(paths: readonly string[]): ObjectType {
  const root: Tree = new Map();
  for (const path of paths) {
    let node = root;
    for (const name of parsePropertyPath(path) ?? []) {
      const child: Tree = node.get(name) ?? new Map();
      node.set(name, child);
      node = child;
    }
  }
  return objectOf(root);
}

function objectOf(tree: Tree): ObjectType {
  const properties = [...tree].map(([name, children]) => ({
    name,
    type: children.size === 0 ? ({ kind: 'json' } as const) : objectOf(children),
    description: '',
  }));
  return { kind: 'object', properties };
}
