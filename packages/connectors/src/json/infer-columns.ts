import { isPropertyName } from '@penstock/language';
import type { FileColumn } from '../files/file-format.js';
import { MAX_FILE_COLUMNS } from '../files/limits.js';
import { tooManyProperties } from './json-errors.js';

const MAX_NAME_LENGTH = 255;
const MAX_ISSUES = 20;
const MAX_SHOWN_NAME = 100;

/** What is found out of the properties of some records. */
export class ColumnInference {
  /** How many records have each property, in the order in which these first appear. */
  readonly #counts = new Map<string, number>();
  readonly #refused = new Set<string>();
  records = 0;

  /** Counts the properties of a record. Throws AppError InvalidFile when there are too many. */
  add(json: string): void {
    this.records++;
    for (const key of Object.keys(JSON.parse(json) as object)) {
      if (isPropertyName(key) && key.length <= MAX_NAME_LENGTH) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      else if (this.#refused.size <= MAX_ISSUES) this.#refused.add(key.slice(0, MAX_SHOWN_NAME));
    }
    if (this.#counts.size > MAX_FILE_COLUMNS) throw tooManyProperties();
  }

  columns(): FileColumn[] {
    return [...this.#counts].map(([name, count]) => jsonColumn(name, count < this.records));
  }

  /** `isAll`: the file has no other records. */
  issues(isAll: boolean): string[] {
    const refused = [...this.#refused];
    const issues = refused.slice(0, MAX_ISSUES).map((key) => {
      return `property ${JSON.stringify(key)} is left out: its name is no property name; rename it in the file`;
    });
    if (refused.length > MAX_ISSUES) issues.push('more properties are left out for the same reason');
    if (!isAll) issues.push(guessed(this.records));
    return issues;
  }
}

/** JSON null is a value of a column of JSON, so that no record has null there. */
export function jsonColumn(name: string, readOptional: boolean): FileColumn {
  return { name, type: { kind: 'json' }, nullable: false, readOptional };
}

function guessed(records: number): string {
  const those = records === 1 ? 'the first record' : `the first ${records} records`;
  return `the properties were found out from ${those}: those that only later records have are left out`;
}
