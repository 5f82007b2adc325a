import type { RawField } from '@penstock/engine';
import { type Value, ValueFailure } from '@penstock/language';
import { corrupt } from './corrupt.js';
import type { LeafCursor } from './leaf-cursor.js';
import { refuse } from './refuse.js';
import type { Shape } from './shape.js';

/** Reads the next value from the cursors of its leaves; the first failure within it is its own. */
export type ReadValue = () => RawField;

interface Reader {
  readonly read: ReadValue;
  readonly cursors: readonly LeafCursor[];
}

/** Compiles the reading of a shape; `cursors` are those of its leaves, in their order. */
export function compileShape(shape: Shape, cursors: Iterator<LeafCursor>): ReadValue {
  return compile(shape, cursors).read;
}

function compile(shape: Shape, cursors: Iterator<LeafCursor>): Reader {
  switch (shape.kind) {
    case 'leaf':
      return compileLeaf(cursors);
    case 'object':
      return compileObject(shape, cursors);
    case 'list':
      return compileList(shape, cursors);
    case 'map':
      return compileMap(shape, cursors);
  }
}

function compileLeaf(cursors: Iterator<LeafCursor>): Reader {
  const { value: cursor } = cursors.next() as IteratorYieldResult<LeafCursor>;
  return { cursors: [cursor], read: () => cursor.take() };
}

function compileObject(shape: Shape & { kind: 'object' }, all: Iterator<LeafCursor>): Reader {
  const members = shape.members.map(({ name, shape: member }) => ({ name, ...compile(member, all) }));
  const cursors = members.flatMap((member) => member.cursors);
  const lead = first(cursors);
  const read = (): RawField => {
    if (lead.definition < shape.definition) return takeAbsent(cursors);
    const object = newObject();
    let failure: ValueFailure | undefined;
    for (const member of members) {
      const value = member.read();
      if (value instanceof ValueFailure) failure ??= value;
      else object[member.name] = value ?? null;
    }
    return failure ?? object;
  };
  return { cursors, read };
}

function compileList(shape: Shape & { kind: 'list' }, all: Iterator<LeafCursor>): Reader {
  const { read: readElement, cursors } = compile(shape.element, all);
  const lead = first(cursors);
  const read = (): RawField => {
    if (lead.definition < shape.definition) return takeEmpty(shape.present, cursors) ? [] : null;
    const list: Value[] = [];
    let failure: ValueFailure | undefined;
    do {
      const value = readElement();
      if (value instanceof ValueFailure) failure ??= value;
      else list.push(value ?? null);
    } while (goesOn(lead, shape.repetition));
    return failure ?? list;
  };
  return { cursors, read };
}

function compileMap(shape: Shape & { kind: 'map' }, all: Iterator<LeafCursor>): Reader {
  const [key, value] = [compile(shape.key, all), compile(shape.value, all)];
  const cursors = [...key.cursors, ...value.cursors];
  const lead = first(cursors);
  const nullKey = refuse('NullKey', `property "${lead.leaf.path}" is null, which no key of a map can be`);
  const read = (): RawField => {
    if (lead.definition < shape.definition) return takeEmpty(shape.present, cursors) ? newObject() : null;
    const map = newObject();
    let failure: ValueFailure | undefined;
    do {
      const [name, member] = [key.read(), value.read()];
      if (name instanceof ValueFailure) failure ??= name;
      else if (member instanceof ValueFailure) failure ??= member;
      else if (typeof name === 'string') map[name] = member ?? null;
      else failure ??= nullKey;
    } while (goesOn(lead, shape.repetition));
    return failure ?? map;
  };
  return { cursors, read };
}

/** Whether the list at this level has another element; deeper lists have ended before. */
function goesOn(lead: LeafCursor, repetition: number): boolean {
  if (lead.repetition > repetition) throw corrupt(`column "${lead.leaf.path}" has an impossible level`);
  return lead.repetition === repetition;
}

/** Takes the entries of what has no value. */
function takeAbsent(cursors: readonly LeafCursor[]): null {
  for (const cursor of cursors) cursor.take();
  return null;
}

/** Takes the entries of a list without elements. False: even the list is absent. */
function takeEmpty(present: number, cursors: readonly LeafCursor[]): boolean {
  const isThere = first(cursors).definition >= present;
  takeAbsent(cursors);
  return isThere;
}

function first(cursors: readonly LeafCursor[]): LeafCursor {
  const [cursor] = cursors;
  if (cursor === undefined) throw new Error('a shape has no leaves');
  return cursor;
}

/** It inherits nothing, so that keys like `__proto__` are ordinary. */
function newObject(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}
