/**
 * What a run of vitest came to.
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: unknown[] }[]} testResults
 */

/**
 * One plain line. A file that could not be loaded has no failed test, and neither has an error outside of the tests; both
 * count as one failure, so that `0 failed` means that all is well.
 * @param {Report | undefined} report vitest's JSON report, if there is one
 * @param {number} exitCode of vitest
 */
export function summarize(report, exitCode) {
  const broken = report?.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const counted = (report?.numFailedTests ?? 0) + (broken?.length ?? 0);
  const failed = counted === 0 && exitCode !== 0 ? 1 : counted;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  return `${report?.numPassedTests ?? 0} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
