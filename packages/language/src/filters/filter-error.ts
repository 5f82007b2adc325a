export interface FilterViolation {
  /** Where the violation is, as in `conditions[1].values[0]` ('' is the whole filter). */
  readonly path: string;
  readonly message: string;
}

/** A filter is not valid; holds all of its violations. */
export class FilterError extends Error {
  readonly violations: readonly FilterViolation[];

  constructor(violations: readonly FilterViolation[]) {
    super(violations.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; '));
    this.name = 'FilterError';
    this.violations = violations;
  }
}
