import type { Type } from '../types/type.js';
import type { Value } from '../values/value.js';

/** A mapping expression as it is written: one item, or several whose texts are joined. `source` is its text without blanks around. */
export interface Expression {
  readonly source: string;
  readonly items: readonly Item[];
}

export type Item = LiteralItem | PathItem | CallItem;

export interface LiteralItem {
  readonly op: 'literal';
  readonly type: Type;
  readonly value: Value;
  /** What it contributes to a concatenation. */
  readonly text: string;
  /** How messages show it. */
  readonly display: string;
}

export interface PathItem {
  readonly op: 'path';
  readonly source: string;
  readonly steps: readonly PathStep[];
}

export interface PathStep {
  readonly name: string;
  /** Written as `["name"]`. */
  readonly isKey: boolean;
  /** Followed by `?`: null, and no failure, when there is no JSON object to step into. */
  readonly isOptional: boolean;
}

export interface CallItem {
  readonly op: 'call';
  readonly source: string;
  readonly name: string;
  readonly args: readonly Expression[];
}

/** An expression is not valid, by its syntax or for its schemas. */
export class ExpressionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExpressionError';
  }
}

/** The text of a path up to and including a step: `a.b["c"]`. */
export function pathText(steps: readonly PathStep[], length = steps.length): string {
  return steps
    .slice(0, length)
    .map((step, index) => (step.isKey ? `[${JSON.stringify(step.name)}]` : index === 0 ? step.name : `.${step.name}`))
    .join('');
}

/** The literal of a text. */
export function textLiteral(text: string): LiteralItem {
  return { op: 'literal', type: { kind: 'string' }, value: text, text, display: JSON.stringify(text) };
}
