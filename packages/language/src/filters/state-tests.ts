import type { Type } from '../types/type.js';
import { jsonKind } from '../values/json-text.js';
import type { Value } from '../values/value.js';
import type { ValueTest } from './value-test.js';

const EMPTY_JSON = /^\s*(?:null|""|\[\s*\]|\{\s*\})\s*$/;

export function isTrue({ kind }: Type): ValueTest {
  if (kind !== 'json') return (value) => value === true;
  return (value) => typeof value === 'string' && jsonKind(value) === 'true';
}

/** Of json, everything that is not true counts as false, JSON null too; but nothing is neither. */
export function isFalse({ kind }: Type): ValueTest {
  if (kind !== 'json') return (value) => value === false;
  return (value) => typeof value === 'string' && jsonKind(value) !== 'true';
}

/** A value that is missing exists in no form, so it is not null either. */
export function isNull({ kind }: Type): ValueTest {
  if (kind !== 'json') return (value) => value === null;
  return (value) => value === null || (typeof value === 'string' && jsonKind(value) === 'null');
}

/** Missing and null count as empty. */
export function isEmpty({ kind }: Type): ValueTest {
  switch (kind) {
    case 'json':
      return (value) => value === undefined || value === null || (typeof value === 'string' && EMPTY_JSON.test(value));
    case 'string':
      return (value) => value === undefined || value === null || value === '';
    default:
      return (value) => value === undefined || value === null || (typeof value === 'object' && hasNoMember(value));
  }
}

function hasNoMember(value: Exclude<Value, null | string | number | boolean>): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}
