const NUMBERS = new Intl.NumberFormat('en-US');

/** @typedef {{ step: string, message: string, count: number }} ErrorGroup */

/**
 * A run as a table for the terminal.
 * @param {any} run as the operations API shows it
 * @param {ErrorGroup[]} errors its failed records, grouped by the reason
 * @param {{ title?: string, where?: string }} [words] what the run is, and what it changes
 * @returns {string[]} lines
 */
export function describeRun(run, errors, { title, where = 'warehouse' } = {}) {
  const seconds = (Date.parse(run.endTime) - Date.parse(run.startTime)) / 1000;
  const pace = run.rowsPerSecond ? `, ${count(run.rowsPerSecond)} rows per second` : '';
  return [
    `${title ? `${title}: run` : 'Run'} ${run.id} ${run.status} in ${seconds.toFixed(1)} s${pace}`,
    `  started ${run.startTime}   ended ${run.endTime}`,
    row('step', 'passed', 'failed'),
    ...run.steps.map((/** @type {any} */ { step, passed, failed }) => row(step, count(passed), count(failed))),
    ...describeOutcome(run, where),
    ...describeErrors(errors),
  ];
}

/**
 * A resolution in two lines.
 * @param {any} resolution as the API shows it
 * @returns {string[]} lines
 */
export function describeResolution({ error, startTime, endTime, resolved, added, changed, removed, profiles }) {
  if (error) return [`Identity resolution failed: ${error}`];
  const seconds = (Date.parse(endTime) - Date.parse(startTime)) / 1000;
  return [
    `Identity resolution: ${count(resolved)} identities looked at in ${seconds.toFixed(1)} s`,
    `  ${count(profiles)} profiles: ${count(added)} added, ${count(changed)} changed, ${count(removed)} removed`,
  ];
}

/**
 * @param {any} run
 * @param {string} where
 */
function describeOutcome(run, where) {
  if (run.error) return [`  error: ${run.error.message}`];
  const changes = ['added', 'changed', 'unchanged', 'removed'].map((name) => `${count(run[name])} ${name}`);
  return [`  ${where}: ${changes.join(', ')}`, ...(run.notice ? [`  note: ${run.notice}`] : [])];
}

/** @param {ErrorGroup[]} errors */
function describeErrors(errors) {
  const total = errors.reduce((sum, error) => sum + error.count, 0);
  if (total === 0) return [];
  const lines = errors.map((error) => `  ${count(error.count).padStart(5)}  ${error.step}: ${error.message}`);
  return [`Why ${count(total)} records failed:`, ...lines];
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
  return NUMBERS.format(Math.round(value ?? 0));
}
