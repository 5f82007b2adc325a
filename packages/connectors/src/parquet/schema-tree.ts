import { corrupt } from './corrupt.js';
import { OPTIONAL, REPEATED, REQUIRED, type SchemaElement } from './schema-element.js';

/** Groups within each other that are followed. */
const MAX_DEPTH = 50;

/** An element of a file's schema with what is in it. */
export interface SchemaNode {
  readonly element: SchemaElement;
  readonly children: readonly SchemaNode[];
  /** Position among the leaves of the file; -1 of a group. */
  readonly leaf: number;
  /** Names of it and of what it is in, joined by dots. */
  readonly path: string;
  /** Levels at which it is there. */
  readonly definition: number;
  readonly repetition: number;
}

/** The columns of a file. Throws AppError InvalidFile. */
export function schemaColumns(elements: readonly SchemaElement[]): readonly SchemaNode[] {
  return new TreeBuilder(elements).columns();
}

class TreeBuilder {
  readonly #elements: readonly SchemaElement[];
  #next = 1;
  #leaves = 0;

  constructor(elements: readonly SchemaElement[]) {
    this.#elements = elements;
  }

  columns(): readonly SchemaNode[] {
    const root = this.#elements[0];
    if (root === undefined) throw corrupt('it has no schema');
    const columns = this.#children(root.children, { path: '', definition: 0, repetition: 0 }, 0);
    if (this.#next !== this.#elements.length) throw corrupt('its schema has elements that are in no column');
    return columns;
  }

  #children(
    count: number,
    parent: Pick<SchemaNode, 'path' | 'definition' | 'repetition'>,
    depth: number,
  ): SchemaNode[] {
    if (depth > MAX_DEPTH) throw corrupt(`its schema has more than ${MAX_DEPTH} levels`);
    if (count < 0 || count > this.#elements.length - this.#next) throw corrupt('its schema lacks elements');
    return Array.from({ length: count }, () => this.#node(parent, depth));
  }

  #node(parent: Pick<SchemaNode, 'path' | 'definition' | 'repetition'>, depth: number): SchemaNode {
    const element = this.#elements[this.#next];
    if (element === undefined) throw corrupt('its schema lacks elements');
    this.#next += 1;
    if (element.repetition < REQUIRED || element.repetition > REPEATED) {
      throw corrupt('an element of its schema is neither required, optional nor repeated');
    }
    const place = {
      path: parent.path === '' ? element.name : `${parent.path}.${element.name}`,
      definition: parent.definition + (element.repetition === REQUIRED ? 0 : 1),
      repetition: parent.repetition + (element.repetition === REPEATED ? 1 : 0),
    };
    if (element.physical === undefined) {
      return { ...place, element, leaf: -1, children: this.#children(element.children, place, depth + 1) };
    }
    this.#leaves += 1;
    return { ...place, element, leaf: this.#leaves - 1, children: [] };
  }
}

/** Whether it can be absent, which a repeated element cannot: it has no elements then. */
export function isOptional(node: SchemaNode): boolean {
  return node.element.repetition === OPTIONAL;
}

export function isRepeated(node: SchemaNode): boolean {
  return node.element.repetition === REPEATED;
}
