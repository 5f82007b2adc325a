import type { SourcePosition } from './expression-error.js';

export interface MappingViolation {
  /** Where the violation is: `transformation.mapping["a.b"]`. */
  readonly path: string;
  readonly message: string;
  /** The place in the expression; absent where the expression is not what is wrong. */
  readonly position?: SourcePosition;
}

/** A mapping is not valid; holds all of its violations. */
export class MappingError extends Error {
  readonly violations: readonly MappingViolation[];

  constructor(violations: readonly MappingViolation[]) {
    super(violations.map(({ path, message }) => `${path}: ${message}`).join('; '));
    this.name = 'MappingError';
    this.violations = violations;
  }
}
