import { mappingSuffix } from '../conversions/voices.js';
import type { ObjectType } from '../types/type.js';
import { ExpressionError } from './expression-error.js';
import { JsonObjectReader } from './json-object-reader.js';

/** Errors of one expression that are reported; more would help nobody. */
const MAX_ERRORS = 20;

/** Where the expressions of a mapping read from: what they share. */
export class MappingSource {
  readonly schema: ObjectType;
  readonly #positions: ReadonlyMap<string, number>;
  readonly #jsonObjects = new Map<string, JsonObjectReader>();

  constructor(schema: ObjectType) {
    this.schema = schema;
    this.#positions = new Map(schema.properties.map(({ name }, position) => [name, position]));
  }

  /** Position of a top-level property in a row; -1 when there is none of this name. */
  positionOf(name: string): number {
    return this.#positions.get(name) ?? -1;
  }

  /** The reader of the JSON objects at a path, for one more path that goes through them. */
  jsonObjectAt(path: string): JsonObjectReader {
    const reader = this.#jsonObjects.get(path) ?? new JsonObjectReader();
    this.#jsonObjects.set(path, reader);
    return reader.addPath();
  }
}

/** What one expression is compiled against, and what is found out on the way. */
export class CompileScope {
  readonly source: MappingSource;
  readonly outPath: string;
  /** Ends the messages of failures. */
  readonly suffix: string;
  readonly inPaths = new Set<string>();
  readonly #errors: ExpressionError[] = [];

  constructor(source: MappingSource, outPath: string) {
    this.source = source;
    this.outPath = outPath;
    this.suffix = mappingSuffix(outPath);
  }

  get errors(): readonly ExpressionError[] {
    return this.#errors;
  }

  report(error: ExpressionError): void {
    if (this.#errors.length < MAX_ERRORS) this.#errors.push(error);
  }

  /** Does a piece of the work; an error in it is reported and gives what stands for its result. */
  attempt<T>(work: () => T, otherwise: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      this.report(error);
      return otherwise();
    }
  }
}
