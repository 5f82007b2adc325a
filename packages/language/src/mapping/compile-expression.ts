import { convert } from '../conversions/compile-conversion.js';
import { isConvertible } from '../conversions/is-convertible.js';
import { conversionVoice } from '../conversions/voices.js';
import { Wording } from '../conversions/wording.js';
import type { Purpose } from '../functions/function-definition.js';
import type { Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { type Conversion, identity } from '../values/value.js';
import { compileTerm } from './compile-item.js';
import type { Reader } from './compile-path.js';
import { CompileScope, type MappingSource } from './compile-scope.js';
import { expectType, literalRefusal } from './expect-type.js';
import type { Expression, Literal } from './expression.js';
import { ExpressionError } from './expression-error.js';
import { type ConversionOf, oncePerType, plainReader, type Term } from './term.js';
import { conversionWeight } from './weight.js';

/** An expression that is ready to run for the property at `outPath`. */
export interface CompiledExpression {
  readonly source: string;
  readonly inPaths: readonly string[];
  /** Position in the row of the top-level property that the expression is; -1 when `read` has to be called. */
  readonly position: number;
  readonly read: Reader;
  /** What is then done to the value. */
  readonly conversion: Conversion;
  /** How many times it goes through the text of a record; 0 of what is copied. */
  readonly weight: number;
}

/** Where an expression's value comes from and goes to. */
export interface ExpressionScope {
  readonly source: MappingSource;
  readonly outType: Type;
  readonly outPath: string;
  readonly purpose: Purpose;
}

/**
 * Checks an expression against the schemas and compiles it, or returns all that is wrong with it. A constant is converted now
 * and not for each record.
 */
export function compileExpression(
  expression: Expression,
  scope: ExpressionScope,
): CompiledExpression | readonly ExpressionError[] {
  const compileScope = new CompileScope(scope.source, scope.outPath);
  const term = compileTerm(expression, compileScope, scope.outType);
  compileScope.attempt(
    () => expectResult(term, scope.outType),
    () => undefined,
  );
  if (compileScope.errors.length > 0) return [...compileScope.errors].sort((a, b) => a.offset - b.offset);
  return { source: expression.source, inPaths: [...compileScope.inPaths], ...compileResult(term, scope) };
}

/** Throws an ExpressionError when the value of an expression never converts to the type. */
export function expectResult(term: Term, to: Type): void {
  const literal = literalOf(term);
  const [only, ...others] = term.alternatives;
  const isChoice = others.length > 0 || (literal === undefined && only?.literal !== undefined);
  if (only === undefined || isChoice) {
    expectType(term, to);
    return;
  }
  const message = literal === undefined ? resultRefusal(only.type, to) : constantRefusal(literal, to);
  if (message !== undefined) throw new ExpressionError(message, term.span);
}

/** The literal that an expression is, and nothing else. */
function literalOf(term: Term): Literal | undefined {
  return term.isConstant ? term.alternatives[0]?.literal : undefined;
}

function resultRefusal(type: Type, to: Type): string | undefined {
  if (isConvertible(type, to)) return undefined;
  return `cannot convert expression (type ${typeText(type)}) to ${typeText(to)}`;
}

/** An empty text that is written out is meant as text: `null` says null. */
function constantRefusal(literal: Literal, to: Type): string | undefined {
  return literalRefusal(literal, to, literal.value !== '');
}

function compileResult(
  term: Term,
  scope: ExpressionScope,
): Pick<CompiledExpression, 'position' | 'read' | 'conversion' | 'weight'> {
  const { outType, outPath, purpose } = scope;
  const wording = new Wording(conversionVoice(term.source), outPath);
  const [only, ...others] = term.alternatives;
  const nullable = literalOf(term)?.value !== '';
  const conversionOf = oncePerType((type) => convert(type, outType, { nullable, wording, purpose }));
  const weight = weightOf(term, conversionOf, outType);
  if (only === undefined || others.length > 0 || term.isConstant) {
    return { position: -1, read: term.readAs(conversionOf), conversion: identity, weight };
  }
  return { position: term.position, read: plainReader(term), conversion: conversionOf(only.type), weight };
}

function weightOf(term: Term, conversionOf: ConversionOf, outType: Type): number {
  if (term.isConstant) return 0;
  const weights = term.alternatives.map(({ type }) =>
    conversionOf(type) === identity ? 0 : conversionWeight(type, outType),
  );
  return term.weight + Math.max(1, term.size) * Math.max(0, ...weights);
}
