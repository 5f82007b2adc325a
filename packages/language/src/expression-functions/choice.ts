import type { Reader } from '../mapping/compile-path.js';
import { type Alternative, type ConversionOf, oncePerType, type Term } from '../mapping/term.js';
import { NO_EFFORT } from '../mapping/weight.js';
import type { Type } from '../types/type.js';
import { type Conversion, identity, ValueFailure } from '../values/value.js';
import { type FunctionCall, type FunctionRule, takes } from './function-rule.js';
import { readBoolean } from './pass-argument.js';

/** The second argument if the first is true; else the third, which is null where it is left out. */
export const ifRule: FunctionRule = {
  cost: 1,
  keeps: 'one',
  arity: takes(2, 3, 'two or three arguments'),
  compile: (call) => {
    const holds = readBoolean(call, 0);
    const branches = call.args.slice(1).map((_, index) => call.argument(index + 1, call.destination));
    return choiceTerm(call, branches, (conversionOf) => {
      const [yes = nothing, no = nothing] = branches.map((branch) => branch.readAs(conversionOf));
      return branchReader(holds, yes, no);
    });
  },
};

const nothing: Reader = () => null;

function branchReader(holds: Reader, yes: Reader, no: Reader): Reader {
  return (row) => {
    const value = holds(row);
    if (value instanceof ValueFailure) return value;
    return value === true ? yes(row) : no(row);
  };
}

/** The first argument that is not null; JSON null is something. */
export const coalesce: FunctionRule = {
  cost: 1,
  keeps: 'one',
  arity: takes(1, Infinity, 'at least one argument'),
  compile: (call) => {
    const terms = call.args.map((_, index) => call.argument(index, call.destination));
    return choiceTerm(call, terms, (conversionOf) => firstReader(terms, conversionOf));
  },
};

/**
 * The choice is made before the value is converted, and a value may become null by that: the reader still stops there. Inside,
 * such a null is a marker that nobody else knows.
 */
function firstReader(terms: readonly Term[], conversionOf: ConversionOf): Reader {
  const becameNull = new ValueFailure('Transformation', 'NotNullable', '');
  const marking = (conversion: Conversion): Conversion =>
    conversion === identity ? identity : (value) => conversion(value) ?? becameNull;
  const markingOf = oncePerType((type) => marking(conversionOf(type)));
  const readers = terms.map((term) => term.readAs(markingOf));
  return (row) => {
    for (const read of readers) {
      const value = read(row);
      if (value !== null) return value === becameNull ? null : value;
    }
    return null;
  };
}

/** A term whose value is that of one of its branches. */
function choiceTerm(call: FunctionCall, branches: readonly Term[], readAs: Term['readAs']): Term {
  const { source, span } = call;
  const alternatives = withoutRepeats(branches.flatMap((branch) => branch.alternatives));
  return { source, span, alternatives, position: -1, isPath: false, isConstant: false, ...NO_EFFORT, readAs };
}

/**
 * One alternative for each type, the first, and one for each constant: what is said of one holds for the others. The first two
 * stay in any case, so that a choice is seen to be one.
 */
function withoutRepeats(alternatives: readonly Alternative[]): readonly Alternative[] {
  const seen = new Map<Type, Set<string | undefined>>();
  return alternatives.filter(({ type, literal }, index) => {
    const known = seen.get(type) ?? new Set();
    seen.set(type, known);
    const isNew = !known.has(literal?.display);
    known.add(literal?.display);
    return isNew || index < 2;
  });
}
