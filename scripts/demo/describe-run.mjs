const NUMBERS = new Intl.NumberFormat('en-US');

/**
 * A run as a table for the terminal.
 * @param {any} run as the operations API shows it
 * @returns {string[]} lines
 */
export function describeRun(run) {
  const seconds = (Date.parse(run.endTime) - Date.parse(run.startTime)) / 1000;
  const pace = run.rowsPerSecond ? `, ${NUMBERS.format(Math.round(run.rowsPerSecond))} rows per second` : '';
  const lines = [
    `run ${run.id} ${run.status} in ${seconds.toFixed(1)} s${pace}`,
    `  started ${run.startTime}   ended ${run.endTime}`,
    row('step', 'passed', 'failed'),
    ...run.steps.map((/** @type {any} */ { step, passed, failed }) => row(step, count(passed), count(failed))),
  ];
  if (run.error) lines.push(`  error: ${run.error.message ?? run.error}`);
  else
    lines.push(
      `  warehouse: ${['added', 'changed', 'unchanged', 'removed'].map((name) => `${count(run[name])} ${name}`).join(', ')}`,
    );
  return lines;
}

/**
 * @param {string} step
 * @param {string} passed
 * @param {string} failed
 */
function row(step, passed, failed) {
  return `  ${step.padEnd(18)}${passed.padStart(10)}${failed.padStart(10)}`;
}

/** @param {number | null | undefined} value */
function count(value) {
  return NUMBERS.format(value ?? 0);
}
