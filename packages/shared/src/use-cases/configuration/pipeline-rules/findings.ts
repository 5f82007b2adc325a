import type { ErrorDetail } from '@penstock/domain';

/** What the rules of a kind's own members found. */
export interface Findings {
  readonly violations: readonly ErrorDetail[];
  /** Paths of properties of the in schema that these members use. */
  readonly inPaths: readonly string[];
  /** Paths of properties of the out schema that they use, or that have been spoken of. */
  readonly outPaths: readonly string[];
}

export const NO_FINDINGS: Findings = { violations: [], inPaths: [], outPaths: [] };

export function joinFindings(...all: readonly Findings[]): Findings {
  return {
    violations: all.flatMap(({ violations }) => violations),
    inPaths: all.flatMap(({ inPaths }) => inPaths),
    outPaths: all.flatMap(({ outPaths }) => outPaths),
  };
}
