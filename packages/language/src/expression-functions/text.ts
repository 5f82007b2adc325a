import { textTooLong } from '../conversions/text-failures.js';
import { plainTerm } from '../mapping/term.js';
import type { Type } from '../types/type.js';
import { MAX_TEXT_LENGTH } from '../values/text-limit.js';
import type { ValueFailure } from '../values/value.js';
import { lowerCase, upperCase } from './case-mapping.js';
import { type FunctionRule, takes } from './function-rule.js';
import { initcap as initcapText } from './initcap.js';
import { readText } from './pass-argument.js';
import { trim as trimBoth, trimEnd, trimStart } from './white-space.js';

const TEXT: Type = { kind: 'string' };

export const lower = textRule(2, lowerCase);
export const upper = textRule(2, upperCase);
export const initcap = textRule(8, initcapText);
export const trim = textRule(1, trimBoth);
export const ltrim = textRule(1, trimStart);
export const rtrim = textRule(1, trimEnd);

/** A function from a text to a text that is no longer; null of null. */
function textRule(cost: number, work: (text: string) => string): FunctionRule {
  return {
    cost,
    keeps: 'all',
    arity: takes(1, 1, 'a single argument'),
    compile: (call) => {
      const tooLong = textTooLong(call.source, call.suffix);
      const limited = (text: string): string | ValueFailure => (text.length > MAX_TEXT_LENGTH ? tooLong : work(text));
      return plainTerm(call, TEXT, readText(call, 0, limited));
    },
  };
}
