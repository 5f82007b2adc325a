import type { FunctionCall } from '../expression-functions/function-rule.js';
import { ruleOf } from '../expression-functions/function-table.js';
import type { Type } from '../types/type.js';
import { identity, ValueFailure } from '../values/value.js';
import { compileConcatenation } from './compile-concatenation.js';
import { compilePath } from './compile-path.js';
import type { CompileScope } from './compile-scope.js';
import { expectType } from './expect-type.js';
import type { CallItem, Expression, Item, LiteralItem, PathItem } from './expression.js';
import { ExpressionError, type Span } from './expression-error.js';
import { mergeLiterals } from './merge-literals.js';
import { resolvePath } from './resolve-path.js';
import { brokenTerm, constantTerm, convertedPropertyReader, plainReader, plainTerm, type Term } from './term.js';
import { callEffort, concatenationEffort, pathEffort } from './weight.js';

const TEXT: Type = { kind: 'string' };

/**
 * Compiles an expression or an argument. Errors are reported to the scope. `destination` is the type that its value is for,
 * where that is known.
 */
export function compileTerm(expression: Expression, scope: CompileScope, destination: Type | undefined): Term {
  const parts = mergeLiterals(expression.items);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    return { ...compileItem(only, scope, destination), source: expression.source };
  }
  const terms = parts.map((part) => compileItem(part, scope, TEXT));
  return scope.attempt(
    () => ({
      ...plainTerm(expression, TEXT, compileConcatenation(terms, expression.source, scope.suffix)),
      ...concatenationEffort(terms),
    }),
    () => brokenTerm(expression),
  );
}

function compileItem(item: Item, scope: CompileScope, destination: Type | undefined): Term {
  switch (item.op) {
    case 'literal':
      return literalTerm(item);
    case 'path':
      return scope.attempt(
        () => pathTerm(item, scope),
        () => brokenTerm(item),
      );
    case 'call':
      return scope.attempt(
        () => compileCall(item, scope, destination),
        () => brokenTerm(item),
      );
  }
}

function literalTerm(literal: LiteralItem): Term {
  const { type, value, display, span } = literal;
  const term = constantTerm({ source: display, span }, type, value);
  return { ...term, alternatives: [{ type, source: display, span, literal }] };
}

function pathTerm(item: PathItem, scope: CompileScope): Term {
  const path = resolvePath(item.steps, scope.source);
  scope.inPaths.add(path.inPath);
  if (path.accesses.length > 0) {
    const effort = pathEffort(path.accesses.filter(({ op }) => op === 'json').length);
    return { ...plainTerm(item, path.type, compilePath(path, scope.suffix)), ...effort, isPath: true };
  }
  const { position, type } = path;
  return {
    ...plainTerm(item, type, convertedPropertyReader(position, identity)),
    ...pathEffort(0),
    position,
    isPath: true,
    readAs: (conversionOf) => convertedPropertyReader(position, conversionOf(type)),
  };
}

function compileCall(item: CallItem, scope: CompileScope, destination: Type | undefined): Term {
  const { name, nameSpan, args } = item;
  const rule = ruleOf(name);
  const message = rule.arity(name, args.length);
  if (message !== undefined) throw new ExpressionError(message, nameSpan);
  const errors = scope.errors.length;
  const call = new CallBuilder(item, scope, destination);
  const term = { ...rule.compile(call), ...callEffort(rule, call.compiled) };
  return call.isConstant && scope.errors.length === errors ? folded(term) : term;
}

class CallBuilder implements FunctionCall {
  readonly name: string;
  readonly source: string;
  readonly span: Span;
  readonly args: readonly Expression[];
  readonly suffix: string;
  readonly outPath: string;
  readonly destination: Type | undefined;
  /** Whether all arguments so far are. */
  isConstant = true;
  /** The arguments so far. */
  readonly compiled: Term[] = [];
  readonly #scope: CompileScope;

  constructor({ name, source, span, args }: CallItem, scope: CompileScope, destination: Type | undefined) {
    this.name = name;
    this.source = source;
    this.span = span;
    this.args = args;
    this.suffix = scope.suffix;
    this.outPath = scope.outPath;
    this.destination = destination;
    this.#scope = scope;
  }

  argument(index: number, destination?: Type): Term {
    const expression = this.args[index];
    if (expression === undefined) throw new TypeError(`${this.name} has no argument ${index}`);
    const term = compileTerm(expression, this.#scope, destination);
    this.isConstant &&= term.isConstant;
    this.compiled.push(term);
    return term;
  }

  argumentOf(index: number, type: Type, nullable = true): Term {
    const term = this.argument(index, type);
    return this.#scope.attempt(
      () => {
        expectType(term, type, nullable);
        return term;
      },
      () => brokenTerm(term),
    );
  }

  report(error: ExpressionError): void {
    this.#scope.report(error);
  }
}

/** Computes now what is the same for every record. What fails is left to fail for each record that comes to it. */
function folded(call: Term): Term {
  const [alternative, ...others] = call.alternatives;
  if (alternative === undefined || others.length > 0) return call;
  const value = plainReader(call)([]);
  return value instanceof ValueFailure ? call : constantTerm(call, alternative.type, value);
}
