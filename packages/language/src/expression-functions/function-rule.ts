import type { Expression } from '../mapping/expression.js';
import type { ExpressionError, Span } from '../mapping/expression-error.js';
import type { Term } from '../mapping/term.js';
import type { FunctionEffort } from '../mapping/weight.js';
import type { Type } from '../types/type.js';

/** A function of the language: which arguments it takes and what it compiles to. */
export interface FunctionRule extends FunctionEffort {
  /** Why the number of arguments is wrong; undefined when it is right. */
  readonly arity: Arity;
  /** Throws an ExpressionError, or reports several, when an argument is not one that the function takes. */
  compile(call: FunctionCall): Term;
}

export type Arity = (name: string, count: number) => string | undefined;

/** A call that is being compiled. The number of its arguments is right. */
export interface FunctionCall {
  readonly name: string;
  readonly source: string;
  readonly span: Span;
  /** The arguments as they are written. */
  readonly args: readonly Expression[];
  /** Ends the messages of failures. */
  readonly suffix: string;
  readonly outPath: string;
  /** The type that the result is for, where that is known. */
  readonly destination: Type | undefined;
  /** Compiles an argument, which is to become a value of the type where that is known. Its errors are reported. */
  argument(index: number, destination?: Type): Term;
  /**
   * Compiles an argument whose values must convert to the type; `nullable`, which is the default, tells whether null and empty
   * texts that are written out may. Its errors are reported.
   */
  argumentOf(index: number, type: Type, nullable?: boolean): Term;
  report(error: ExpressionError): void;
}

/** Refuses every number of arguments outside of the bounds. `wanted` says what is right: "a single argument". */
export function takes(minimum: number, maximum: number, wanted: string): Arity {
  return (name, count) => (count < minimum || count > maximum ? `'${name}' function requires ${wanted}` : undefined);
}
