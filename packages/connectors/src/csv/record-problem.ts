import type { RecordFailure } from '@penstock/domain';
import type { UnreadableRecord } from '@penstock/engine';
import { MAX_FILE_COLUMNS } from '../files/limits.js';

/** What can be wrong with a record. */
export type RecordProblem = 'InvalidText' | 'NulCharacter' | 'InvalidQuote' | 'TooFewFields' | 'TooManyFields';

/** A record with a problem, as far as it makes sense. */
export interface ProblematicRecord {
  readonly problem: RecordProblem;
  /** Its first line, counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** Characters of the fields that are shown of a record. */
const MAX_SHOWN = 16 * 1024;

const CODES = {
  InvalidText: 'InvalidText',
  NulCharacter: 'InvalidText',
  InvalidQuote: 'InvalidQuote',
  TooFewFields: 'RaggedRecord',
  TooManyFields: 'RaggedRecord',
} as const satisfies Record<RecordProblem, string>;

/** What is wrong, for a sentence about the record. */
export function describeProblem(problem: RecordProblem, encoding: string): string {
  switch (problem) {
    case 'InvalidText':
      return `has bytes that are not valid ${encoding}: check the encoding`;
    case 'NulCharacter':
      return 'has a NUL character, which cannot be stored: check the encoding';
    case 'InvalidQuote':
      return 'has a quote that is not doubled within a field, or text after a closing quote: correct it, or set lazyQuotes';
    case 'TooFewFields':
      return 'has fewer fields than the file has columns';
    case 'TooManyFields':
      return 'has more fields than the file has columns: a field with the separator in it must be quoted';
  }
}

/** Makes the records that cannot be read of a file with an encoding. */
export function unreadableIn(encoding: string): (record: ProblematicRecord) => UnreadableRecord {
  const failures = new Map<RecordProblem, RecordFailure>();
  const failureOf = (problem: RecordProblem): RecordFailure => {
    const message = `record ${describeProblem(problem, encoding)}`;
    return { step: 'Receive', code: CODES[problem], message, key: null };
  };
  return ({ problem, line, fields }) => {
    const failure = failures.get(problem) ?? failureOf(problem);
    failures.set(problem, failure);
    return { ...failure, record: () => show(line, fields) };
  };
}

/** Says when something is left out. A NUL is shown as U+FFFD, for whoever keeps the text cannot store it either. */
function show(line: number, fields: readonly string[]): string {
  const shown: string[] = [];
  let left = MAX_SHOWN;
  for (const field of fields.slice(0, MAX_FILE_COLUMNS)) {
    if (left <= 0) break;
    shown.push(field.slice(0, left).toWellFormed().replaceAll('\0', '\uFFFD'));
    // An empty field takes room too.
    left -= field.length + 1;
  }
  const isCut = left < -1 || shown.length < fields.length;
  return JSON.stringify(isCut ? { line, fields: shown, cut: true } : { line, fields: shown });
}
