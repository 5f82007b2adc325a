import { AppError, ERRORS, type ErrorCode, type ErrorDetail } from '@penstock/domain';
import type { z } from 'zod';

/** Findings that one answer has at most, besides the one that says how many more there are. */
export const MAX_FINDINGS = 100;

/** Characters of a finding's path, and of its message. */
const MAX_TEXT_LENGTH = 1_000;

/** Characters of all findings of an answer together, about. */
const MAX_TOTAL_LENGTH = 65_536;

/** What is counted in values that are not compared themselves. */
const COUNTED: Readonly<Record<string, string>> = { string: 'characters', array: 'elements' };

/** Words for what a schema refuses; messages that a schema states itself win. Never shows the value: it may be a secret. */
export const explainIssue: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : `must be ${list(issue.values)}`;
    case 'too_small':
      if (issue.minimum === 1 && issue.origin in COUNTED) return 'must not be empty';
      return bound('least', issue.minimum, issue.origin);
    case 'too_big':
      return bound('most', issue.maximum, issue.origin);
    default:
      return undefined;
  }
};

/** The findings of a refused parse, each with its path. `root` names what is at fault when the whole value is. */
export function violationsOf(error: z.core.$ZodError, root: string): ErrorDetail[] {
  return error.issues.map((issue) => ({ path: pathText(issue.path) || root, message: issue.message }));
}

/** `transformation.mapping["email"]`, `inSchema.properties[2].name`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map((key, index) => keyText(key, path[index - 1])).join('');
}

/**
 * The error of a request with these findings; its message is the only one or says how many there are. Shown are the first ones,
 * as many as anybody reads, with their texts cut: an answer must not become many times the size of its request.
 */
export function refuse(violations: readonly ErrorDetail[], code: ErrorCode = 'BadRequest'): AppError {
  const shown = shownOf(violations);
  const [first] = shown;
  const summary =
    violations.length === 1 ? `${first?.path} ${first?.message}` : `${violations.length} problems, see details`;
  const rest = violations.length - shown.length;
  const details = rest === 0 ? shown : [...shown, { path: 'body', message: `has ${rest} more problems` }];
  return new AppError(code, { message: `${ERRORS[code].message}: ${summary}`, details });
}

/** The first one is always shown. */
function shownOf(violations: readonly ErrorDetail[]): ErrorDetail[] {
  const shown: ErrorDetail[] = [];
  let length = 0;
  for (const violation of violations.slice(0, MAX_FINDINGS)) {
    const finding = { ...violation, path: cutText(violation.path), message: cutText(violation.message) };
    length += finding.path.length + finding.message.length;
    if (length > MAX_TOTAL_LENGTH) break;
    shown.push(finding);
  }
  return shown;
}

/** A text for a person, without what nobody would read of it; never half a character. */
export function cutText(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  return `${text
    .slice(0, MAX_TEXT_LENGTH - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`;
}

function keyText(key: PropertyKey, parent: PropertyKey | undefined): string {
  if (typeof key === 'number') return `[${key}]`;
  const name = String(key);
  // The keys of a mapping are property paths, with dots of their own.
  if (parent === 'mapping' || !/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name)) return `[${JSON.stringify(name)}]`;
  return parent === undefined ? name : `.${name}`;
}

function bound(which: 'least' | 'most', limit: number | bigint, origin: string): string {
  const counted = COUNTED[origin];
  return counted === undefined ? `must be at ${which} ${limit}` : `must have at ${which} ${limit} ${counted}`;
}

const ARTICLES: Readonly<Record<string, string>> = {
  int: 'an integer',
  object: 'an object',
  array: 'an array',
  record: 'an object',
  null: 'null',
};

function article(expected: string): string {
  return ARTICLES[expected] ?? `a ${expected}`;
}

function list(values: readonly z.core.util.Primitive[]): string {
  const shown = values.map((value) => (typeof value === 'string' ? JSON.stringify(value) : String(value)));
  return shown.length === 1 ? `${shown[0]}` : `one of ${shown.join(', ')}`;
}
