import { plainTerm } from '../mapping/term.js';
import type { Type } from '../types/type.js';
import { lowerCase, upperCase } from './case-mapping.js';
import { type FunctionRule, takes } from './function-rule.js';
import { initcap as initcapText } from './initcap.js';
import { readText } from './pass-argument.js';
import { trim as trimBoth, trimEnd, trimStart } from './white-space.js';

const TEXT: Type = { kind: 'string' };

export const lower = textRule(lowerCase);
export const upper = textRule(upperCase);
export const initcap = textRule(initcapText);
export const trim = textRule(trimBoth);
export const ltrim = textRule(trimStart);
export const rtrim = textRule(trimEnd);

/** A function from a text to a text; null of null. */
function textRule(work: (text: string) => string): FunctionRule {
  return {
    arity: takes(1, 1, 'a single argument'),
    compile: (call) => plainTerm(call, TEXT, readText(call, 0, work)),
  };
}
