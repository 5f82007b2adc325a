import { convert } from '../conversions/compile-conversion.js';
import { textTooLong } from '../conversions/text-failures.js';
import { conversionVoice } from '../conversions/voices.js';
import { Wording } from '../conversions/wording.js';
import type { Reader } from '../mapping/compile-path.js';
import type { Expression } from '../mapping/expression.js';
import { ExpressionError } from '../mapping/expression-error.js';
import { mergeLiterals } from '../mapping/merge-literals.js';
import { plainTerm } from '../mapping/term.js';
import type { Type } from '../types/type.js';
import { MAX_TEXT_LENGTH, textLengthOf } from '../values/text-limit.js';
import { newObject, type Value, ValueFailure } from '../values/value.js';
import { type FunctionCall, type FunctionRule, takes } from './function-rule.js';

const JSON_TYPE: Type = { kind: 'json' };

/**
 * An array of its arguments. They become elements of the array that the result is for, or json where it is for no array. Null
 * is JSON null, and is refused where there are no JSON elements.
 */
export const array: FunctionRule = {
  cost: 4,
  keeps: 'all',
  arity: takes(0, Infinity, ''),
  compile: (call) => {
    const { destination } = call;
    const elementType = destination?.kind === 'array' ? destination.elementType : JSON_TYPE;
    const readers = call.args.map((_, index) => readMember(call, index, elementType));
    return plainTerm(call, { kind: 'array', elementType }, arrayReader(readers, textTooLong(call.source, call.suffix)));
  },
};

function arrayReader(readers: readonly Reader[], tooLong: ValueFailure): Reader {
  return (row) => {
    const elements: Value[] = [];
    let length = 0;
    for (const read of readers) {
      const element = read(row);
      if (element instanceof ValueFailure) return element;
      length += textLengthOf(element);
      if (length > MAX_TEXT_LENGTH) return tooLong;
      elements.push(element);
    }
    return elements;
  };
}

/** Compiles an argument that becomes a member of a collection, where it cannot be null. */
function readMember(call: FunctionCall, index: number, type: Type): Reader {
  const term = call.argumentOf(index, type, false);
  const wording = new Wording(conversionVoice(term.source), call.outPath);
  const site = { nullable: false, wording };
  const onNull = type.kind === 'json' ? 'null' : wording.notNullable();
  const read = term.readAs((source) => convert(source, type, site));
  return (row) => read(row) ?? onNull;
}

interface Member {
  readonly key: string;
  readonly read: Reader;
  /** Whether the key is left out where there is no value. */
  readonly isOptional: boolean;
}

/** A map of json, of constant keys and their values in turn. The key of a path that has no value is left out. */
export const map: FunctionRule = {
  cost: 4,
  keeps: 'all',
  arity: (name, count) => (count % 2 === 1 ? `'${name}' function requires an even number of arguments` : undefined),
  compile: (call) => {
    const keys = readKeys(call);
    const members = keys.map((key, index): Member => readEntry(call, key, 2 * index + 1));
    return plainTerm(
      call,
      { kind: 'map', elementType: JSON_TYPE },
      mapReader(members, textTooLong(call.source, call.suffix)),
    );
  },
};

function mapReader(members: readonly Member[], tooLong: ValueFailure): Reader {
  return (row) => {
    const result = newObject();
    let length = 0;
    for (const { key, read, isOptional } of members) {
      const value = read(row);
      if (value instanceof ValueFailure) return value;
      if (value === null && isOptional) continue;
      length += key.length + textLengthOf(value);
      if (length > MAX_TEXT_LENGTH) return tooLong;
      result[key] = value ?? 'null';
    }
    return result;
  };
}

function readEntry(call: FunctionCall, key: string, index: number): Member {
  const term = call.argument(index, JSON_TYPE);
  const wording = new Wording(conversionVoice(term.source), call.outPath);
  const read = term.readAs((source) => convert(source, JSON_TYPE, { nullable: false, wording }));
  return { key, read, isOptional: term.isPath };
}

/** The keys, each checked; those that are refused are reported. */
function readKeys(call: FunctionCall): readonly string[] {
  const keys = new Set<string>();
  return call.args
    .filter((_, index) => index % 2 === 0)
    .map((argument) => {
      const key = constantText(argument);
      const message =
        typeof key === 'object' ? key.refusal : keys.has(key) ? "duplicate key in 'map' function" : undefined;
      if (message !== undefined) call.report(new ExpressionError(message, argument.span));
      const text = typeof key === 'object' ? '' : key;
      keys.add(text);
      return text;
    });
}

function constantText(argument: Expression): string | { readonly refusal: string } {
  const [item, ...others] = mergeLiterals(argument.items);
  if (item?.op !== 'literal' || others.length > 0) return { refusal: 'key is not constant' };
  return item.type.kind === 'string' ? item.text : { refusal: 'key is not string' };
}
