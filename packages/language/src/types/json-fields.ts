import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import { SchemaError } from './schema-error.js';

/** Reads the keys of one JSON object of a schema strictly: a value of the wrong JSON type is an error at its path. */
export class JsonFields {
  readonly path: string;
  readonly #fields: ReadonlyMap<string, unknown>;

  /** Throws {@link SchemaError} with the given message when the JSON is not an object. */
  constructor(json: unknown, path: string, message: string) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new SchemaError(path, message);
    this.path = path;
    this.#fields = new Map(Object.entries(json));
  }

  get keys(): Iterable<string> {
    return this.#fields.keys();
  }

  has(key: string): boolean {
    return this.#fields.has(key);
  }

  get(key: string): unknown {
    return this.#fields.get(key);
  }

  pathOf(key: string): string {
    const shown = shownText(key, MAX_SHOWN.name);
    return this.path === '' ? shown : `${this.path}.${shown}`;
  }

  /** The error to throw about a key. */
  invalid(key: string, message = `invalid ${key}`): SchemaError {
    return new SchemaError(this.pathOf(key), message);
  }

  /** A string in Unicode normal form C, as all strings of a schema are kept. */
  text(key: string): string | undefined {
    const value = this.get(key);
    if (typeof value === 'string') return value.normalize('NFC');
    if (this.has(key)) throw this.invalid(key);
    return undefined;
  }

  /** A boolean; undefined when it is false or missing, so that a default stays absent. */
  flag(key: string): true | undefined {
    const value = this.get(key);
    if (this.has(key) && typeof value !== 'boolean') throw this.invalid(key);
    return value === true ? true : undefined;
  }

  number(key: string): number | undefined {
    const value = this.get(key);
    if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value;
    if (this.has(key)) throw this.invalid(key);
    return undefined;
  }

  integer(key: string, minimum: number, maximum: number): number | undefined {
    const value = this.number(key);
    if (value === undefined) return undefined;
    if (!Number.isInteger(value) || value < minimum || value > maximum) throw this.invalid(key);
    return value;
  }
}

/** Builds an immutable description out of fields of which those that are undefined are left out. */
export function withoutUndefined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
