import type { FilterViolation } from './filter-error.js';

/** Collects violations below one place of a filter. */
export class Violations {
  readonly #path: string;
  readonly #found: FilterViolation[];

  constructor(path = '', found: FilterViolation[] = []) {
    this.#path = path;
    this.#found = found;
  }

  /** Those of the whole filter. */
  get found(): readonly FilterViolation[] {
    return this.#found;
  }

  add(message: string): void {
    this.#found.push({ path: this.#path, message });
  }

  /** The collector of a key or of an element below this place. */
  at(key: string | number): Violations {
    if (typeof key === 'number') return new Violations(`${this.#path}[${key}]`, this.#found);
    return new Violations(this.#path === '' ? key : `${this.#path}.${key}`, this.#found);
  }
}

/** Reads an object that may have the given keys only; undefined, and a violation, when the JSON is something else. */
export function readFields(
  json: unknown,
  keys: readonly string[],
  violations: Violations,
): ReadonlyMap<string, unknown> | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    violations.add(`an object with the keys ${keys.map((key) => `"${key}"`).join(', ')} is expected`);
    return undefined;
  }
  const fields = new Map<string, unknown>(Object.entries(json));
  for (const key of fields.keys()) {
    if (!keys.includes(key)) violations.add(`unknown key ${JSON.stringify(key)}`);
  }
  return fields;
}
