import type { ErrorDetail } from '@penstock/domain';
import type { ObjectType } from '@penstock/language';
import { refuse } from '../../contracts/violations.js';
import type { Draft } from '../configuration/pipeline-rules/draft.js';
import { readSchema } from '../configuration/pipeline-rules/schema-rules.js';
import { type ReadRecords, readRecords } from './read-records.js';

/** Collects what is wrong with the parts of a request, so that all of it is said together. */
export class RequestReader<T> {
  readonly #violations: ErrorDetail[];
  readonly #draft: Draft<T>;

  constructor(draft: Draft<T>) {
    this.#draft = draft;
    this.#violations = [...draft.violations];
  }

  /** The schema in a member; undefined when it is none. */
  schema(name: keyof T & string): ObjectType | undefined {
    const { members, unreadable } = this.#draft;
    if (unreadable.has(name)) return undefined;
    const { schema, violations } = readSchema(name, members[name]);
    this.report(violations);
    return schema;
  }

  /** The rows of records; none without a schema. @throws the signal's reason */
  async rows(
    records: readonly unknown[] | undefined,
    schema: ObjectType | undefined,
    signal: AbortSignal,
  ): Promise<ReadRecords['rows']> {
    if (schema === undefined || records === undefined) return [];
    const { rows, violations } = await readRecords(schema, records, signal);
    this.report(violations);
    return rows;
  }

  /** One by one: there can be more of them than a call can have arguments. */
  report(violations: readonly ErrorDetail[]): void {
    for (const violation of violations) this.#violations.push(violation);
  }

  /** @throws AppError BadRequest with everything that was found */
  check(): void {
    if (this.#violations.length > 0) throw refuse(this.#violations);
  }
}
