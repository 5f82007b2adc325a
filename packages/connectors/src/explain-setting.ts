import type { ErrorDetail } from '@penstock/domain';
import { z } from 'zod';

/** Findings that are listed: as many as anybody reads. */
const MAX_FINDINGS = 50;

/** Characters of the name of a setting that does not exist. */
const MAX_NAME_LENGTH = 100;

/** What is counted in values that are not compared themselves. */
const COUNTED: Readonly<Record<string, string>> = { string: 'characters', array: 'elements' };

const ARTICLES: Readonly<Record<string, string>> = {
  int: 'an integer',
  object: 'an object',
  array: 'an array',
  record: 'an object',
};

/** Words for what a schema of settings refuses; those that it states itself win. They never show the value: it may be a secret. */
export const explainSetting: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${ARTICLES[issue.expected] ?? `a ${issue.expected}`}`;
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : `must be ${choice(issue.values)}`;
    case 'too_small':
      if (issue.minimum === 1 && issue.origin in COUNTED) return 'must not be empty';
      return bound('least', issue.minimum, issue.origin);
    case 'too_big':
      return bound('most', issue.maximum, issue.origin);
    case 'unrecognized_keys':
      return `is not a setting: ${existing(issue.inst)}`;
    default:
      return 'is not valid';
  }
};

/** What is wrong, each with its path: `properties[0].value`. What is wrong with the settings as a whole has the path `settings`. */
export function findingsOf(error: z.core.$ZodError): ErrorDetail[] {
  const findings: ErrorDetail[] = [];
  for (const issue of error.issues) {
    const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path of paths) {
      if (findings.length === MAX_FINDINGS) return findings;
      findings.push({ path: pathText(path) || 'settings', message: issue.message });
    }
  }
  return findings;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map(keyText).join('');
}

function keyText(key: PropertyKey, index: number): string {
  if (typeof key === 'number') return `[${key}]`;
  const name = String(key).slice(0, MAX_NAME_LENGTH).toWellFormed();
  if (!/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name)) return `[${JSON.stringify(name)}]`;
  return index === 0 ? name : `.${name}`;
}

function bound(which: 'least' | 'most', limit: number | bigint, origin: string): string {
  const counted = COUNTED[origin];
  return counted === undefined ? `must be at ${which} ${limit}` : `must have at ${which} ${limit} ${counted}`;
}

function choice(values: readonly z.core.util.Primitive[]): string {
  const shown = values.map((value) => (typeof value === 'string' ? JSON.stringify(value) : String(value)));
  return shown.length === 1 ? `${shown[0]}` : `one of ${shown.join(', ')}`;
}

/** The members of the object that refused one: the settings, or an object within them. */
function existing(schema: unknown): string {
  const names = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`;
}
