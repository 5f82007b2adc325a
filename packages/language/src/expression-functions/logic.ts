import type { Reader } from '../mapping/compile-path.js';
import { plainTerm, type Term } from '../mapping/term.js';
import type { Type } from '../types/type.js';
import { ValueFailure } from '../values/value.js';
import { type FunctionCall, type FunctionRule, takes } from './function-rule.js';
import { readBoolean } from './pass-argument.js';

const BOOLEAN: Type = { kind: 'boolean' };

const twoOrMore = takes(2, Infinity, 'at least two arguments');

/** False as soon as an argument is false; else null if one is null. */
export const and: FunctionRule = {
  cost: 1,
  keeps: 'none',
  arity: twoOrMore,
  compile: (call) => compileJunction(call, false),
};

/** True as soon as an argument is true; else null if one is null. */
export const or: FunctionRule = {
  cost: 1,
  keeps: 'none',
  arity: twoOrMore,
  compile: (call) => compileJunction(call, true),
};

/** The opposite; null of null. */
export const not: FunctionRule = {
  cost: 1,
  keeps: 'none',
  arity: takes(1, 1, 'a single argument'),
  compile: (call) => {
    const read = readBoolean(call, 0);
    return plainTerm(call, BOOLEAN, (row) => {
      const value = read(row);
      return typeof value === 'boolean' ? !value : value;
    });
  },
};

/** `decisive` is the value that decides the result wherever it stands; the arguments after it are not looked at. */
function compileJunction(call: FunctionCall, decisive: boolean): Term {
  const readers = readBooleans(call);
  return plainTerm(call, BOOLEAN, (row) => {
    let hasNull = false;
    for (const read of readers) {
      const value = read(row);
      if (value === decisive || value instanceof ValueFailure) return value;
      if (value === null) hasNull = true;
    }
    return hasNull ? null : !decisive;
  });
}

function readBooleans(call: FunctionCall): readonly Reader[] {
  return call.args.map((_, index) => readBoolean(call, index));
}
