/**
 * What a person may want to try now, ready to be pasted.
 * @param {{ url: string, pipeline: number, run: number, demoFile: string }} demo
 * @returns {string[]} lines
 */
export function nextSteps({ url, pipeline, run, demoFile }) {
  const call = `curl -s -H "Authorization: Bearer $KEY"`;
  return [
    'try it (in another terminal):',
    `  KEY=$(node -p "require('${demoFile}').apiKey")`,
    `  ${call} -X POST ${url}/v1/pipelines/${pipeline}/runs                # start a run`,
    `  ${call} ${url}/v1/pipelines/runs/${run}                       # one run, as documented`,
    `  ${call} ${url}/v1/runs/${run}                                 # the same with live counts`,
    `  ${call} ${url}/v1/runs/${run}/errors                          # why records failed`,
    `  ${call} ${url}/v1/profiles?limit=3                          # what arrived`,
    `  ${call} -X PUT -H 'Content-Type: application/json' -d '{"period":"5m"}' ${url}/v1/pipelines/${pipeline}/schedule`,
    `  kill -9 $(node -p "require('${demoFile}').workerPids[0]")   # in the middle of a run: it is taken over`,
    `API reference: ${url}/docs`,
  ];
}
