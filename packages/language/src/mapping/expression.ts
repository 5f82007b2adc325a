import type { Type } from '../types/type.js';
import type { Value } from '../values/value.js';
import type { Span } from './expression-error.js';

/** A mapping expression as it is written: one item, or several whose texts are joined. `source` is its text without blanks around. */
export interface Expression {
  readonly source: string;
  readonly span: Span;
  readonly items: readonly Item[];
}

export type Item = LiteralItem | PathItem | CallItem;

/** A constant of the language: what it is and how it shows. */
export interface Literal {
  readonly type: Type;
  readonly value: Value;
  /** What it contributes to a concatenation. */
  readonly text: string;
  /** How messages show it. */
  readonly display: string;
}

export interface LiteralItem extends Literal {
  readonly op: 'literal';
  readonly span: Span;
}

export interface PathItem {
  readonly op: 'path';
  readonly source: string;
  readonly span: Span;
  readonly steps: readonly PathStep[];
}

export interface PathStep {
  readonly name: string;
  /** Written as `["name"]`. */
  readonly isKey: boolean;
  /** Followed by `?`: null, and no failure, when there is no JSON object to step into. */
  readonly isOptional: boolean;
  readonly span: Span;
}

export interface CallItem {
  readonly op: 'call';
  readonly source: string;
  readonly span: Span;
  readonly name: string;
  readonly nameSpan: Span;
  readonly args: readonly Expression[];
}

/** The text of a path up to and including a step: `a.b["c"]`. */
export function pathText(steps: readonly PathStep[], length = steps.length): string {
  return steps
    .slice(0, length)
    .map((step, index) => (step.isKey ? `[${JSON.stringify(step.name)}]` : index === 0 ? step.name : `.${step.name}`))
    .join('');
}

const TEXT: Type = { kind: 'string' };

/** The literal of a text. */
export function textLiteral(text: string, span: Span): LiteralItem {
  return { op: 'literal', type: TEXT, value: text, text, display: JSON.stringify(text), span };
}
