import type { PathStep } from './expression.js';
import type { ExpressionReader } from './expression-reader.js';
import { parseQuoted } from './parse-literal.js';

export const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const STEP_NAME = /[A-Za-z0-9_]+/y;

/**
 * Parses the steps of a path after its first name, which has just been taken and starts at `start`. Throws an ExpressionError.
 */
export function parsePathSteps(reader: ExpressionReader, first: string, start: number): readonly PathStep[] {
  const steps: PathStep[] = [finishStep(reader, { name: first, isKey: false }, start)];
  for (let step = parseStep(reader); step !== undefined; step = parseStep(reader)) steps.push(step);
  return steps;
}

function parseStep(reader: ExpressionReader): PathStep | undefined {
  const start = reader.position;
  if (reader.take('.')) return finishStep(reader, { name: parseStepName(reader), isKey: false }, start + 1);
  if (reader.take('[')) return finishStep(reader, { name: parseKey(reader), isKey: true }, start);
  return undefined;
}

function finishStep(reader: ExpressionReader, step: Pick<PathStep, 'name' | 'isKey'>, start: number): PathStep {
  const isOptional = reader.take('?');
  return { ...step, isOptional, span: reader.spanSince(start) };
}

function parseStepName(reader: ExpressionReader): string {
  const name = reader.takeMatch(STEP_NAME);
  if (name !== '') return name;
  throw reader.isAtEnd
    ? reader.error('path is not terminated')
    : reader.error('unexpected period in path', reader.position - 1);
}

function parseKey(reader: ExpressionReader): string {
  reader.skipBlanks();
  if (reader.isAtEnd) throw reader.error('path is not terminated');
  if (reader.peek() !== '"' && reader.peek() !== "'") throw reader.errorAhead('map key is not a string');
  const key = parseQuoted(reader);
  reader.skipBlanks();
  if (!reader.take(']')) throw reader.isAtEnd ? reader.error('path is not terminated') : reader.unexpected();
  return key;
}
