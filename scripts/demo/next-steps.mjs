/**
 * What a person may want to try now, ready to be pasted.
 * @param {{ url: string, connection: number, pipeline: number, customersPipeline: number, run: number, demoFile: string }} demo
 * @returns {string[]} lines
 */
export function nextSteps({ url, connection, pipeline, customersPipeline, run, demoFile }) {
  const curl = 'curl -s -H "Authorization: Bearer $KEY"';
  const json = "-H 'Content-Type: application/json'";
  return [
    'Try it, in another terminal:',
    `  KEY=$(node -p "require('${demoFile}').apiKey")`,
    ...step('start a run', `${curl} -X POST ${url}/v1/pipelines/${pipeline}/runs`),
    ...step(
      'a run as documented, and with live counts per step',
      `${curl} ${url}/v1/pipelines/runs/${run}`,
      `${curl} ${url}/v1/runs/${run}`,
    ),
    ...step(
      'why records failed, and which',
      `${curl} ${url}/v1/runs/${run}/errors`,
      `${curl} "${url}/v1/runs/${run}/rejects?limit=3"`,
    ),
    ...step('what arrived', `${curl} "${url}/v1/connections/${connection}/identities?limit=3"`),
    ...step('who the people are', `${curl} "${url}/v1/profiles?limit=3"`),
    ...step(
      'what an export would do now, without doing it',
      `DRY=$(${curl} -X POST ${url}/v1/pipelines/${customersPipeline}/dry-runs | node -p "JSON.parse(fs.readFileSync(0)).id")`,
      `${curl} ${url}/v1/dry-runs/$DRY`,
    ),
    ...step(
      'run it every five minutes',
      `${curl} -X PUT ${json} -d '{"period":"5m"}' ${url}/v1/pipelines/${pipeline}/schedule`,
    ),
    ...step(
      'kill a worker: its run is taken over, and the worker is started again',
      `kill -9 $(node -p "require('${demoFile}').workerPids[0]")`,
    ),
    `All endpoints: ${url}/docs`,
  ];
}

/**
 * @param {string} purpose
 * @param {...string} commands
 */
function step(purpose, ...commands) {
  return [`  # ${purpose}`, ...commands.map((command) => `  ${command}`)];
}
