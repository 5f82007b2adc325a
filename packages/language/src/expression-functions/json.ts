import { convert } from '../conversions/compile-conversion.js';
import { textTooLong } from '../conversions/text-failures.js';
import { conversionVoice, quoteExpression } from '../conversions/voices.js';
import { Wording } from '../conversions/wording.js';
import { plainTerm } from '../mapping/term.js';
import type { Type } from '../types/type.js';
import { isValidJson } from '../values/is-valid-json.js';
import { jsonKind, jsonString } from '../values/json-text.js';
import { MAX_TEXT_LENGTH } from '../values/text-limit.js';
import { type Conversion, type Value, ValueFailure } from '../values/value.js';
import { type FunctionCall, type FunctionRule, takes } from './function-rule.js';

const TEXT: Type = { kind: 'string' };

type Parse = (text: string) => Value | ValueFailure;

/** The JSON that a text holds, exactly as it is written there. */
export const jsonParse: FunctionRule = {
  cost: 4,
  keeps: 'all',
  arity: takes(1, 1, 'a single argument'),
  compile: (call) => {
    const term = call.argumentOf(0, TEXT);
    const source = quoteExpression(term.source);
    const parse = parserOf(call, source);
    const read = term.readAs((type) =>
      type.kind === 'json' ? jsonParser(call, source, parse) : textParser(type, term.source, parse),
    );
    return plainTerm(call, { kind: 'json' }, read);
  },
};

function parserOf(call: FunctionCall, source: string): Parse {
  const message = `${source} cannot be parsed by «${call.name}» because it is not valid JSON${call.suffix}`;
  const refused = new ValueFailure('Transformation', 'NotJSON', message);
  const tooLong = textTooLong(call.source, call.suffix);
  return (text) => {
    if (text.length > MAX_TEXT_LENGTH) return tooLong;
    return isValidJson(text) ? text : refused;
  };
}

/** JSON that is no string would have been parsed already. */
function jsonParser(call: FunctionCall, source: string, parse: Parse): Conversion {
  return (value) => {
    if (typeof value !== 'string') return null;
    const kind = jsonKind(value);
    if (kind === 'string') return parse(jsonString(value));
    if (kind === 'null') return null;
    const message = `${source} is a JSON ${kind} and cannot be passed as a string value to the «${call.name}» function`;
    return new ValueFailure('Transformation', 'NotText', message + call.suffix);
  };
}

function textParser(type: Type, source: string, parse: Parse): Conversion {
  const toText = convert(type, TEXT, { nullable: true, wording: new Wording(conversionVoice(source), '') });
  return (value) => {
    const text = toText(value);
    return typeof text === 'string' ? parse(text) : text;
  };
}
