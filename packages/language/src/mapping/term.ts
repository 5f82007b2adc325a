import type { Type } from '../types/type.js';
import { type Conversion, identity, type Value, ValueFailure } from '../values/value.js';
import type { Reader } from './compile-path.js';
import type { Literal } from './expression.js';
import type { Span } from './expression-error.js';
import { constantEffort, type Effort, NO_EFFORT } from './weight.js';

/** One of the things that the value of a term can come from. */
export interface Alternative {
  /** Type of the value where it is not null. */
  readonly type: Type;
  readonly source: string;
  readonly span: Span;
  /** What it is, where it is written out as a constant. */
  readonly literal?: Literal;
}

export type ConversionOf = (type: Type) => Conversion;

/** A part of an expression that has been checked against the schema and can be read from rows. */
export interface Term extends Effort {
  readonly source: string;
  readonly span: Span;
  /** One, except where a record decides which of several values is taken. */
  readonly alternatives: readonly Alternative[];
  /** Position in the row of the top-level property that the term is, with nothing below it; else -1. */
  readonly position: number;
  /** Whether it is nothing but the path of a property. */
  readonly isPath: boolean;
  /** Whether it reads nothing from the row. */
  readonly isConstant: boolean;
  /**
   * Compiles a reader of the converted value. `conversionOf` gives the conversion from each type that the value can have; null
   * is not converted. To be called once: every call compiles all that is below the term again.
   */
  readAs(conversionOf: ConversionOf): Reader;
}

type TermSite = Pick<Term, 'source' | 'span'>;

/** A term whose value always has the same type. Its effort is none: that of a call is added to it. */
export function plainTerm(site: TermSite, type: Type, read: Reader): Term {
  const { source, span } = site;
  return {
    source,
    span,
    alternatives: [{ type, source, span }],
    position: -1,
    isPath: false,
    isConstant: false,
    ...NO_EFFORT,
    readAs: (conversionOf) => convertedReader(read, conversionOf(type)),
  };
}

/** A term that reads nothing. What it becomes is computed when it is compiled. */
export function constantTerm(site: TermSite, type: Type, value: Value): Term {
  const { source, span } = site;
  return {
    ...plainTerm({ source, span }, type, () => value),
    ...constantEffort(value),
    isConstant: true,
    readAs: (conversionOf) => {
      const constant = value === null ? null : conversionOf(type)(value);
      return () => constant;
    },
  };
}

/** Stands for what has been reported as an error, so that the rest can be looked at too. It is never run. */
export function brokenTerm(site: TermSite): Term {
  return { ...constantTerm(site, { kind: 'json' }, null), isConstant: false, alternatives: [] };
}

/** Reads and then converts; null and failures are not converted. */
export function convertedReader(read: Reader, conversion: Conversion): Reader {
  if (conversion === identity) return read;
  return (row) => {
    const value = read(row);
    return value === null || value instanceof ValueFailure ? value : conversion(value);
  };
}

/** Like {@link convertedReader}, of a top-level property. */
export function convertedPropertyReader(position: number, conversion: Conversion): Reader {
  if (conversion === identity) return (row) => row[position] ?? null;
  return (row) => {
    const value = row[position];
    return value === undefined || value === null ? null : conversion(value);
  };
}

/** Remembers the conversion of each type: the values of an expression can come from thousands of places of the same type. */
export function oncePerType(conversionOf: ConversionOf): ConversionOf {
  const known = new Map<Type, Conversion>();
  return (type) => {
    const conversion = known.get(type) ?? conversionOf(type);
    known.set(type, conversion);
    return conversion;
  };
}

/** The reader of the value as it is. Only for terms whose value always has the same type, or whose type does not matter. */
export function plainReader(term: Term): Reader {
  return term.readAs(() => identity);
}
