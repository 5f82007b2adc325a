export interface FunctionViolation {
  /** Where the violation is: `transformation.function.inPaths[1]`. */
  readonly path: string;
  readonly message: string;
}

/** The definition of a transformation function is not valid; holds all of its violations. */
export class FunctionError extends Error {
  readonly violations: readonly FunctionViolation[];

  constructor(violations: readonly FunctionViolation[]) {
    super(violations.map(({ path, message }) => `${path}: ${message}`).join('; '));
    this.name = 'FunctionError';
    this.violations = violations;
  }
}
