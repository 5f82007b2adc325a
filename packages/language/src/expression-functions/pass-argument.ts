import { convert } from '../conversions/compile-conversion.js';
import { textNotUnicode } from '../conversions/text-failures.js';
import { conversionVoice, quoteExpression } from '../conversions/voices.js';
import { Wording } from '../conversions/wording.js';
import type { Reader } from '../mapping/compile-path.js';
import type { Term } from '../mapping/term.js';
import type { Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { type JsonKind, jsonKind } from '../values/json-text.js';
import { type Conversion, identity, type Value, ValueFailure } from '../values/value.js';
import type { FunctionCall } from './function-rule.js';

/** A type that arguments are converted to, and how messages say that a value cannot be. */
interface Parameter {
  readonly type: Type;
  readonly code: string;
  refusal(argument: string, type: Type, name: string): string;
  jsonRefusal(argument: string, kind: JsonKind, name: string): string;
}

const TEXT: Parameter = {
  type: { kind: 'string' },
  code: 'NotText',
  refusal: (argument, type, name) =>
    `${argument} (type ${typeText(type)}) cannot be converted to a string value to be passed to the «${name}» function`,
  jsonRefusal: (argument, kind, name) =>
    `${argument} (a JSON ${kind}) cannot be converted to a string value to be passed to the «${name}» function`,
};

const BOOLEAN: Parameter = {
  type: { kind: 'boolean' },
  code: 'NotBoolean',
  refusal: (argument, type, name) =>
    `${argument} (type ${typeText(type)}) does not represent a boolean when passed to the «${name}» function`,
  jsonRefusal: (argument, kind, name) =>
    `${argument}, of type JSON ${kind}, cannot be passed as boolean to the «${name}» function`,
};

const INTEGER: Parameter = {
  type: { kind: 'int', bitSize: 32 },
  code: 'NotInteger',
  refusal: (argument, type, name) =>
    `${argument} (type ${typeText(type)}) does not represent an int(32) when passed to the «${name}» function`,
  jsonRefusal: (argument, kind, name) =>
    `${argument}, of type JSON ${kind}, cannot be passed as int(32) to the «${name}» function`,
};

/** What is done with an argument that is a text. */
export type TextWork = (text: string) => Value | ValueFailure;

/** Compiles an argument that is passed as text; `work` is done with a text, null stays null. */
export function readText(call: FunctionCall, index: number, work: TextWork): Reader {
  const term = call.argumentOf(index, TEXT.type);
  return term.readAs((type) => withText(passedAs(call, term, type, TEXT), work));
}

/** Compiles an argument that is passed as boolean. */
export function readBoolean(call: FunctionCall, index: number): Reader {
  return readAs(call, index, BOOLEAN);
}

/** Compiles an argument that is passed as integer of 32 bits. */
export function readInteger(call: FunctionCall, index: number): Reader {
  return readAs(call, index, INTEGER);
}

function readAs(call: FunctionCall, index: number, parameter: Parameter): Reader {
  const term = call.argumentOf(index, parameter.type);
  return term.readAs((type) => passedAs(call, term, type, parameter));
}

function withText(toText: Conversion, work: TextWork): Conversion {
  if (toText === identity) return (value) => (typeof value === 'string' ? work(value) : null);
  return (value) => {
    const text = toText(value);
    return typeof text === 'string' ? work(text) : text;
  };
}

function passedAs(call: FunctionCall, term: Term, type: Type, parameter: Parameter): Conversion {
  const argument = quoteExpression(term.source);
  const wording = new Wording(conversionVoice(term.source), '');
  const conversion = convert(type, parameter.type, { nullable: true, wording });
  if (conversion === identity) return identity;
  const fail = (message: string): ValueFailure =>
    new ValueFailure('Transformation', parameter.code, message + call.suffix);
  const notUnicode = textNotUnicode(term.source, call.suffix);
  const refused = fail(parameter.refusal(argument, type, call.name));
  const refuse = (value: Value): ValueFailure =>
    type.kind === 'json' && typeof value === 'string'
      ? fail(parameter.jsonRefusal(argument, jsonKind(value), call.name))
      : refused;
  return (value) => {
    const passed = conversion(value);
    if (!(passed instanceof ValueFailure)) return passed;
    return passed.code === 'NotUnicode' ? notUnicode : refuse(value);
  };
}
