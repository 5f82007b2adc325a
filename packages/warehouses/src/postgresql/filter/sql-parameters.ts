/** Makes operands part of a condition: as parameters, or as what a statement that cannot have them needs. */
export interface OperandSql {
  /** SQL of a text, or of texts for a type of arrays, as a value of the type. */
  add(value: string | readonly string[], type: string): string;
}

/** Collects the parameters of a part of a statement. */
export class SqlParameters implements OperandSql {
  readonly values: unknown[] = [];
  readonly #first: number;

  /** `first` is the number of the first parameter: one more than the statement has before. */
  constructor(first: number) {
    this.#first = first;
  }

  /** Adds a text, or texts for a type of arrays; returns the parameter as SQL of the type. */
  add(value: string | readonly string[], type: string): string {
    this.values.push(value);
    return `$${this.#first + this.values.length - 1}::${type}`;
  }
}
