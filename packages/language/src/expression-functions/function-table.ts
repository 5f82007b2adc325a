import { coalesce, ifRule } from './choice.js';
import { array, map } from './collections.js';
import { eq, ne } from './comparison.js';
import type { FunctionRule } from './function-rule.js';
import { jsonParse } from './json.js';
import { len } from './length.js';
import { and, not, or } from './logic.js';
import { substring } from './substring.js';
import { initcap, lower, ltrim, rtrim, trim, upper } from './text.js';

const FUNCTIONS: ReadonlyMap<string, FunctionRule> = new Map(
  Object.entries({
    and,
    array,
    coalesce,
    eq,
    if: ifRule,
    initcap,
    json_parse: jsonParse,
    len,
    lower,
    ltrim,
    map,
    ne,
    not,
    or,
    rtrim,
    substring,
    trim,
    upper,
  }),
);

export function isFunctionName(name: string): boolean {
  return FUNCTIONS.has(name);
}

/** The rule of a function that exists. Throws a TypeError for another. */
export function ruleOf(name: string): FunctionRule {
  const rule = FUNCTIONS.get(name);
  if (rule === undefined) throw new TypeError(`there is no function ${name}`);
  return rule;
}
