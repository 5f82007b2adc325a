import { isConvertible } from '../conversions/is-convertible.js';
import type { Reader } from '../mapping/compile-path.js';
import { ExpressionError } from '../mapping/expression-error.js';
import { plainReader, plainTerm, type Term } from '../mapping/term.js';
import type { Type } from '../types/type.js';
import { identity, type Value, ValueFailure } from '../values/value.js';
import { type Equality, equalityOf, sameValue } from './equality.js';
import { type FunctionCall, type FunctionRule, takes } from './function-rule.js';

const BOOLEAN: Type = { kind: 'boolean' };

const two = takes(2, 2, 'two arguments');

/** Whether two values are equal; null if one of them is null. */
export const eq: FunctionRule = {
  cost: 4,
  keeps: 'none',
  arity: two,
  compile: (call) => compileComparison(call, true),
};

/** Whether two values differ; null if one of them is null. */
export const ne: FunctionRule = {
  cost: 4,
  keeps: 'none',
  arity: two,
  compile: (call) => compileComparison(call, false),
};

function compileComparison(call: FunctionCall, whenEqual: boolean): Term {
  const left = call.argument(0);
  const right = call.argument(1);
  const [leftType, ...leftOthers] = left.alternatives;
  const [rightType, ...rightOthers] = right.alternatives;
  const isPlain = leftOthers.length === 0 && rightOthers.length === 0;
  if (!isPlain || leftType === undefined || rightType === undefined) {
    return plainTerm(call, BOOLEAN, choiceReader(left, right, whenEqual));
  }
  expectComparable(call, { term: left, type: leftType.type }, { term: right, type: rightType.type });
  const equal = equalityOf(leftType.type, rightType.type);
  return plainTerm(call, BOOLEAN, plainComparison(left, right, equal, whenEqual));
}

interface TypedTerm {
  readonly term: Term;
  readonly type: Type;
}

/** Types that only convert one way have no value in common that a user would expect to be equal. */
function expectComparable(call: FunctionCall, left: TypedTerm, right: TypedTerm): void {
  if (!isConvertible(left.type, right.type)) {
    const message = `first argument of '${call.name}(...)' is not convertible to the type of the second`;
    throw new ExpressionError(message, left.term.span);
  }
  if (!isConvertible(right.type, left.type)) {
    const message = `second argument of '${call.name}(...)' is not convertible to the type of the first`;
    throw new ExpressionError(message, right.term.span);
  }
}

function plainComparison(left: Term, right: Term, equal: Equality, whenEqual: boolean): Reader {
  const readLeft = plainReader(left);
  const readRight = plainReader(right);
  if (right.isConstant && equal === sameValue) return constantComparison(readLeft, readRight([]), whenEqual);
  return (row) => {
    const first = readLeft(row);
    if (first instanceof ValueFailure) return first;
    const second = readRight(row);
    if (second instanceof ValueFailure) return second;
    if (first === null || second === null) return null;
    return equal(first, second) === whenEqual;
  };
}

function constantComparison(readLeft: Reader, constant: Value | ValueFailure, whenEqual: boolean): Reader {
  return (row) => {
    const value = readLeft(row);
    if (value === null || constant === null) return value instanceof ValueFailure ? value : null;
    return value instanceof ValueFailure ? value : (value === constant) === whenEqual;
  };
}

/**
 * Compares where a record decides the types. The readers leave beside each value which type it has; equalities are compiled when
 * a record first needs them, as there can be very many pairs.
 */
function choiceReader(left: Term, right: Term, whenEqual: boolean): Reader {
  const types = new TypeWatch(left);
  const otherTypes = new TypeWatch(right);
  const equalities = new Map<Type, Map<Type, Equality>>();
  return (row) => {
    const first = types.read(row);
    if (first instanceof ValueFailure) return first;
    const second = otherTypes.read(row);
    if (second instanceof ValueFailure) return second;
    if (first === null || second === null) return null;
    const equal = cachedEquality(equalities, types.last, otherTypes.last);
    return equal(first, second) === whenEqual;
  };
}

/** Reads the value of a term and knows the type that the last one had. */
class TypeWatch {
  readonly read: Reader;
  last: Type = { kind: 'json' };

  constructor(term: Term) {
    const [first, ...others] = term.alternatives;
    if (first !== undefined && others.length === 0) this.last = first.type;
    this.read = term.readAs((type) => {
      if (others.length === 0) return identity;
      return (value) => {
        this.last = type;
        return value;
      };
    });
  }
}

function cachedEquality(equalities: Map<Type, Map<Type, Equality>>, left: Type, right: Type): Equality {
  const known = equalities.get(left)?.get(right);
  if (known !== undefined) return known;
  const equal = equalityOf(left, right);
  const byRight = equalities.get(left) ?? new Map<Type, Equality>();
  equalities.set(left, byRight.set(right, equal));
  return equal;
}
