import type { Property, Type } from '../types/type.js';
import { type Value, ValueFailure } from '../values/value.js';
import { Refusal } from './refusal.js';
import { isPlainObject, memberReader, ownMember, unknownRefusal, wrongType } from './result-member.js';
import { type ResultContext, resultReader } from './result-reader.js';
import type { SelectedProperty } from './selection.js';

/** Puts the values that a part of a result says at their positions among the out paths. */
type PartReader = (value: unknown, out: Value[]) => Refusal | undefined;

/** How one selected top-level property is read. */
export interface Slot {
  /** Of a value: undefined when it is absent. */
  readonly read: PartReader;
  /** Of the text of a value that is of the kind's type in the language. */
  readonly readText: (text: string, out: Value[]) => Refusal | undefined;
}

export interface RecordReader {
  /** Number of selected top-level properties, and of out paths. */
  readonly width: number;
  readonly outWidth: number;
  readonly slots: readonly Slot[];
  /** Reads a whole result, whatever it is. */
  readWhole(result: unknown, out: Value[]): Refusal | ValueFailure | undefined;
}

/** Compiles the reader of results with the selected properties. */
export function recordReader(
  selection: readonly SelectedProperty[],
  context: ResultContext,
  outWidth: number,
): RecordReader {
  const slots = selection.map((selected): Slot => {
    const read = partReader(selected, context);
    return { read, readText: textReader(selected, read) };
  });
  const readParts = partsReader(selection, context);
  return {
    width: selection.length,
    outWidth,
    slots,
    readWhole: (result, out) => (isPlainObject(result) ? readParts(result, out) : notAnObject(result)),
  };
}

/** What JSON makes of some results, such as dates, is no object although they are. */
function notAnObject(result: unknown): ValueFailure {
  const kind = result === null ? 'null' : Array.isArray(result) ? 'array' : typeof result;
  return new ValueFailure('Transformation', 'NotAnObject', `transformed value is ${kind}, not object`);
}

function partsReader(
  parts: readonly SelectedProperty[],
  context: ResultContext,
): (result: Record<string, unknown>, out: Value[]) => Refusal | undefined {
  const readers = parts.map((part) => ({ name: part.property.name, read: partReader(part, context) }));
  const refuseUnknown = unknownRefusal(parts.map((part) => part.property));
  return (result, out) => {
    const unknown = refuseUnknown(result);
    if (unknown !== undefined) return unknown;
    for (const { name, read } of readers) {
      const refusal = read(ownMember(result, name), out);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
}

/** Refusals of what it compiles say the name of the property. */
function partReader({ property, position, parts }: SelectedProperty, context: ResultContext): PartReader {
  const { name } = property;
  if (position === -1) return objectPartReader(property, parts, context);
  const read = memberReader(property, context, resultReader(property.type, context));
  return (value, out) => {
    const result = read(value);
    if (result instanceof Refusal) return result.ofProperty(name);
    out[position] = result ?? null;
    return undefined;
  };
}

function objectPartReader(property: Property, parts: readonly SelectedProperty[], context: ResultContext): PartReader {
  const typeName = context.dialect.typeName(property.type);
  const readObject = memberReader(property, context, (value) => (isPlainObject(value) ? value : wrongType(typeName)));
  const readParts = partsReader(parts, context);
  return (value, out) => {
    const object = readObject(value);
    if (object instanceof Refusal) return object.ofProperty(property.name);
    return isPlainObject(object) ? readParts(object, out)?.ofProperty(property.name) : undefined;
  };
}

/** Reads what the text of a plain value stands for. A text without constraints is put where it belongs at once. */
function textReader({ property, position }: SelectedProperty, read: PartReader): Slot['readText'] {
  const { type } = property;
  if (isFreeText(type)) {
    return (text, out) => {
      if (!text.isWellFormed()) return read(text, out);
      out[position] = text;
      return undefined;
    };
  }
  if (position === -1) return read;
  switch (type.kind) {
    case 'boolean':
      return (text, out) => read(text === 'true' ? true : text === 'false' ? false : text, out);
    case 'int':
      return type.bitSize === 64 ? read : (text, out) => read(numberOf(text), out);
    case 'float':
    case 'year':
      return (text, out) => read(numberOf(text), out);
    default:
      return read;
  }
}

function numberOf(text: string): number | string {
  const number = Number(text);
  return text === '' || Number.isNaN(number) ? text : number;
}

function isFreeText(type: Type): boolean {
  if (type.kind !== 'string') return false;
  const { maxBytes, maxLength, pattern, values } = type;
  return maxBytes === undefined && maxLength === undefined && pattern === undefined && values === undefined;
}
