import { sameType } from '../types/same-type.js';
import type { ObjectType, Type } from '../types/type.js';
import { expectResult } from './compile-expression.js';
import { compileTerm } from './compile-item.js';
import { CompileScope, MappingSource } from './compile-scope.js';
import type { ExpressionError, SourcePosition } from './expression-error.js';
import { parseExpression } from './parse-expression.js';
import type { Term } from './term.js';

/** What an editor shows about an expression while it is written. */
export interface ExpressionCheck {
  /** The properties that it reads, without the keys of maps and JSON, sorted, each once; those found before an error. */
  readonly properties: readonly string[];
  /** Type of its value; json where a record decides between several types; null when there are errors. */
  readonly type: Type | null;
  /** In the order of their places. */
  readonly errors: readonly ExpressionProblem[];
}

export interface ExpressionProblem extends SourcePosition {
  readonly message: string;
}

const UNKNOWN: Type = { kind: 'json' };

/**
 * Checks an expression against the schema that it reads from and, where it is known, the type that it is for. Never throws for
 * what is written in the text.
 */
export function checkExpression(text: string, inSchema: ObjectType, outType: Type = UNKNOWN): ExpressionCheck {
  const scope = new CompileScope(new MappingSource(inSchema), '');
  const type = scope.attempt<Type | null>(
    () => {
      const term = compileTerm(parseExpression(text), scope, outType);
      expectResult(term, outType);
      return typeOf(term, outType);
    },
    () => null,
  );
  const errors = scope.errors.map(problemOf).sort((a, b) => a.offset - b.offset);
  return { properties: [...scope.inPaths].sort(), type: errors.length === 0 ? type : null, errors };
}

function problemOf(error: ExpressionError): ExpressionProblem {
  return { message: error.message, ...error.position };
}

function typeOf({ alternatives }: Term, outType: Type): Type {
  const [first, ...others] = alternatives;
  return first !== undefined && others.every(({ type }) => sameType(type, first.type)) ? first.type : outType;
}
