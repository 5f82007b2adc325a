import { convert } from '../conversions/compile-conversion.js';
import { isConvertible } from '../conversions/is-convertible.js';
import type { Site } from '../conversions/site.js';
import { constantVoice, conversionVoice } from '../conversions/voices.js';
import { Wording } from '../conversions/wording.js';
import type { ObjectType, Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { type Conversion, identity, ValueFailure } from '../values/value.js';
import { compileConcatenation, type Part } from './compile-concatenation.js';
import { compilePath, type Reader } from './compile-path.js';
import {
  type CallItem,
  type Expression,
  ExpressionError,
  type Item,
  type LiteralItem,
  textLiteral,
} from './expression.js';
import { type ResolvedPath, resolvePath } from './resolve-path.js';

/** An expression that is ready to run for the property at `outPath`. */
export interface CompiledExpression {
  readonly inPaths: readonly string[];
  /** Position in the row of the top-level property that the expression is; -1 when `read` has to be called. */
  readonly position: number;
  readonly read: Reader;
  /** What is then done to the value. */
  readonly conversion: Conversion;
}

/** Where an expression's value comes from and goes to. */
export interface ExpressionScope {
  readonly inSchema: ObjectType;
  readonly outType: Type;
  readonly outPath: string;
}

/**
 * Checks an expression against the schemas and compiles it. A constant is converted now and not for each record. Throws
 * {@link ExpressionError}.
 */
export function compileExpression(expression: Expression, scope: ExpressionScope): CompiledExpression {
  const parts = mergeLiterals(expression.items);
  const [only] = parts;
  if (parts.length > 1 || only === undefined) return compileJoined(expression, parts, scope);
  switch (only.op) {
    case 'literal':
      return compileConstant(only, scope);
    case 'path':
      return compileSinglePath(expression, resolvePath(only.steps, scope.inSchema), scope);
    case 'call':
      throw unavailable(only);
  }
}

/** Joins literals that stand beside each other; one that stands alone keeps its type. */
function mergeLiterals(items: readonly Item[]): readonly Item[] {
  const merged: Item[] = [];
  for (const item of items) {
    const last = merged.at(-1);
    if (item.op === 'literal' && last?.op === 'literal') merged[merged.length - 1] = textLiteral(last.text + item.text);
    else merged.push(item);
  }
  return merged;
}

function compileConstant(literal: LiteralItem, scope: ExpressionScope): CompiledExpression {
  const wording = new Wording(constantVoice(literal.display), scope.outPath);
  if (literal.value !== null && !isConvertible(literal.type, scope.outType)) {
    throw new ExpressionError(wording.notConvertible(scope.outType).message);
  }
  const site: Site = { nullable: literal.value !== '', wording };
  const constant = literal.value === null ? null : convert(literal.type, scope.outType, site)(literal.value);
  if (constant instanceof ValueFailure) throw new ExpressionError(constant.message);
  return { inPaths: [], position: -1, read: () => constant, conversion: identity };
}

function compileSinglePath(expression: Expression, path: ResolvedPath, scope: ExpressionScope): CompiledExpression {
  return {
    inPaths: [path.inPath],
    position: path.accesses.length === 0 ? path.position : -1,
    read: compilePath(path, suffixOf(scope)),
    conversion: compileResult(expression, path.type, scope),
  };
}

function compileJoined(expression: Expression, items: readonly Item[], scope: ExpressionScope): CompiledExpression {
  const inPaths: string[] = [];
  const parts = items.map((item): Part => {
    if (item.op === 'literal') return { text: item.text };
    if (item.op === 'call') throw unavailable(item);
    const path = resolvePath(item.steps, scope.inSchema);
    inPaths.push(path.inPath);
    return { source: item.source, type: path.type, read: compilePath(path, suffixOf(scope)) };
  });
  const read = compileConcatenation(parts, suffixOf(scope));
  return { inPaths, position: -1, read, conversion: compileResult(expression, { kind: 'string' }, scope) };
}

function compileResult(expression: Expression, type: Type, scope: ExpressionScope): Conversion {
  if (!isConvertible(type, scope.outType)) {
    throw new ExpressionError(`cannot convert expression (type ${typeText(type)}) to ${typeText(scope.outType)}`);
  }
  const wording = new Wording(conversionVoice(expression.source), scope.outPath);
  return convert(type, scope.outType, { nullable: true, wording });
}

function suffixOf(scope: ExpressionScope): string {
  return ` while mapping to «${scope.outPath}»`;
}

function unavailable(call: CallItem): ExpressionError {
  return new ExpressionError(`function "${call.name}" is not available yet`);
}
