import { ExpressionError, type PathStep } from './expression.js';
import type { ExpressionReader } from './expression-reader.js';
import { parseQuoted } from './parse-literal.js';

export const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const STEP_NAME = /[A-Za-z0-9_]+/y;

/** Parses the steps of a path after its first name. Throws {@link ExpressionError}. */
export function parsePathSteps(reader: ExpressionReader, first: string): readonly PathStep[] {
  const steps: PathStep[] = [{ name: first, isKey: false, isOptional: reader.take('?') }];
  for (let step = parseStep(reader); step !== undefined; step = parseStep(reader)) steps.push(step);
  return steps;
}

function parseStep(reader: ExpressionReader): PathStep | undefined {
  if (reader.take('.')) return { name: parseStepName(reader), isKey: false, isOptional: reader.take('?') };
  if (reader.take('[')) return { name: parseKey(reader), isKey: true, isOptional: reader.take('?') };
  return undefined;
}

function parseStepName(reader: ExpressionReader): string {
  const name = reader.takeMatch(STEP_NAME);
  if (name !== '') return name;
  throw new ExpressionError(reader.isAtEnd ? 'path is not terminated' : 'unexpected period in path');
}

function parseKey(reader: ExpressionReader): string {
  reader.skipBlanks();
  if (reader.isAtEnd) throw new ExpressionError('path is not terminated');
  if (reader.peek() !== '"' && reader.peek() !== "'") throw new ExpressionError('map key is not a string');
  const key = parseQuoted(reader);
  reader.skipBlanks();
  if (!reader.take(']')) throw reader.isAtEnd ? new ExpressionError('path is not terminated') : reader.unexpected();
  return key;
}
