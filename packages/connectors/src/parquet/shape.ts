import { isPropertyName, type Property, type Type } from '@penstock/language';
import type { Leaf } from './leaf.js';
import { leafType, typeName } from './leaf-type.js';
import { isOptional, isRepeated, type SchemaNode } from './schema-tree.js';

/**
 * How a value of Penstock lies in the leaves of a file. `definition` is the level from which on it is there; of a list or a map
 * it is that of an element, and `present` that of the list itself, which may be empty.
 */
export type Shape =
  | { readonly kind: 'leaf'; readonly type: Type; readonly definition: number; readonly leaf: Leaf }
  | { readonly kind: 'object'; readonly type: Type; readonly definition: number; readonly members: readonly Member[] }
  | (Repeated & { readonly kind: 'list'; readonly element: Shape })
  | (Repeated & { readonly kind: 'map'; readonly key: Shape; readonly value: Shape });

interface Repeated {
  readonly type: Type;
  readonly present: number;
  readonly definition: number;
  readonly repetition: number;
}

interface Member {
  readonly name: string;
  readonly shape: Shape;
}

/** Shapes are found column by column; what cannot be read is said to `issues`. */
export class ShapeFinder {
  readonly issues: string[] = [];
  /** What the column is called in the file, and as a property: what is wrong with values names the property. */
  #rename = { from: '', to: '' };

  /** The shape of a column of the file, whose values go to a property; undefined: it is left out. */
  column(node: SchemaNode, property: string): Shape | undefined {
    this.#rename = { from: node.path, to: property };
    return this.#any(node);
  }

  #any(node: SchemaNode): Shape | undefined {
    return isRepeated(node) ? this.#list(node, node, this.#plain(node)) : this.#value(node);
  }

  /** What a node is that is not repeated. */
  #value(node: SchemaNode): Shape | undefined {
    if (node.children.length === 0) return this.#leaf(node);
    const annotation = node.element.annotation?.name;
    if (annotation === 'LIST') return this.#annotatedList(node);
    if (annotation === 'MAP') return this.#map(node);
    return annotation === undefined ? this.#object(node) : this.#unsupported(node, typeName(node.element));
  }

  /** What one element of a repeated node is. */
  #plain(node: SchemaNode): Shape | undefined {
    return node.children.length === 0 ? this.#leaf(node) : this.#object(node);
  }

  #leaf(node: SchemaNode): Shape | undefined {
    const { element, path, definition } = node;
    const { from, to } = this.#rename;
    const found = leafType({ element, path: `${to}${path.slice(from.length)}` });
    if (element.physical === undefined || found === undefined) return this.#unsupported(node, typeName(element));
    const { type, decode } = found;
    const { physical, width } = element;
    const levels = { maxDefinition: definition, maxRepetition: node.repetition };
    return { kind: 'leaf', type, definition, leaf: { index: node.leaf, path, physical, width, ...levels, decode } };
  }

  #object(node: SchemaNode): Shape | undefined {
    const members: Member[] = [];
    const properties: Property[] = [];
    for (const child of node.children) {
      const { name } = child.element;
      const shape = this.#named(child, members) ? this.#any(child) : undefined;
      if (shape === undefined) continue;
      members.push({ name, shape });
      const property = { name, type: shape.type, description: '' };
      properties.push(isOptional(child) ? { ...property, nullable: true } : property);
    }
    if (members.length === 0) return this.#unsupported(node, 'a group without a member that can be read');
    return { kind: 'object', type: { kind: 'object', properties }, definition: node.definition, members };
  }

  #named(node: SchemaNode, before: readonly Member[]): boolean {
    const { name } = node.element;
    const problem = isPropertyName(name) ? 'which another member has' : 'which is not a valid property name';
    if (isPropertyName(name) && !before.some((member) => member.name === name)) return true;
    this.issues.push(
      `a member of column "${columnOf(node)}" has the name "${shown(name)}", ${problem}; it is left out`,
    );
    return false;
  }

  /** The older forms have no group around the element; the names are those that their writers used. */
  #annotatedList(node: SchemaNode): Shape | undefined {
    const [repeated, ...others] = node.children;
    if (repeated === undefined || others.length > 0 || !isRepeated(repeated)) return this.#unsupported(node, 'LIST');
    const [only, ...more] = repeated.children;
    const { name } = repeated.element;
    const isElement =
      only === undefined ||
      more.length > 0 ||
      isRepeated(only) ||
      name === 'array' ||
      name === `${node.element.name}_tuple`;
    return this.#list(node, repeated, isElement ? this.#plain(repeated) : this.#value(only));
  }

  #list(node: SchemaNode, { definition, repetition }: SchemaNode, element: Shape | undefined): Shape | undefined {
    if (element === undefined) return undefined;
    const type: Type = { kind: 'array', elementType: element.type };
    return { kind: 'list', type, present: presentAt(node), definition, repetition, element };
  }

  #map(node: SchemaNode): Shape | undefined {
    const [entry, ...others] = node.children;
    const [key, value, ...more] = entry?.children ?? [];
    if (entry === undefined || !isRepeated(entry) || key === undefined || value === undefined) {
      return this.#unsupported(node, 'MAP without values');
    }
    if (others.length + more.length > 0 || isRepeated(key)) return this.#unsupported(node, 'MAP');
    const [keys, values] = [this.#value(key), this.#any(value)];
    if (keys === undefined || values === undefined) return undefined;
    if (keys.type.kind !== 'string') return this.#unsupported(node, 'MAP with keys that are not text');
    const { definition, repetition } = entry;
    const type: Type = { kind: 'map', elementType: values.type };
    return { kind: 'map', type, present: presentAt(node), definition, repetition, key: keys, value: values };
  }

  #unsupported({ path }: SchemaNode, type: string): undefined {
    this.issues.push(`column "${shown(path)}" has type "${type}", which is not supported; it is left out`);
  }
}

/** The level at which a list is there, even if it is empty. */
function presentAt(node: SchemaNode): number {
  return isRepeated(node) ? node.definition - 1 : node.definition;
}

function columnOf({ path }: SchemaNode): string {
  return shown(path.slice(0, path.lastIndexOf('.')));
}

/** A name as it may stand in a message. */
export function shown(name: string): string {
  const MAX_SHOWN = 200;
  return name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name;
}

/** The leaves that a shape is made of, in the order of the file. */
export function leavesOf(shape: Shape): Leaf[] {
  switch (shape.kind) {
    case 'leaf':
      return [shape.leaf];
    case 'object':
      return shape.members.flatMap((member) => leavesOf(member.shape));
    case 'list':
      return leavesOf(shape.element);
    case 'map':
      return [...leavesOf(shape.key), ...leavesOf(shape.value)];
  }
}
