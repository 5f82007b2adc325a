import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Scenario } from './support/scenario.js';

const USERS = 50_000;
const CONTENT = Buffer.from(
  `id,email\n${Array.from({ length: USERS }, (_, i) => `u${i},user${i}@x.org`).join('\n')}\n`,
);
const TOKEN = 'Bearer s3cret-token';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let scenario: Scenario;
let server: Server;
let connection: number;
let answer: Answer;
let requests: IncomingMessage[];

beforeAll(async () => {
  scenario = await Scenario.create();
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const headers = [{ key: 'Authorization', value: TOKEN }];
  connection = await scenario.createConnection('http-get', { host: '127.0.0.1', port, tls: false, headers });
});
beforeEach(() => {
  requests = [];
});
afterEach(() => scenario.killWorkers());
afterAll(async () => {
  await scenario.dispose();
  server.closeAllConnections();
  server.close();
});

const create = () =>
  scenario.createFilePipeline({
    connection,
    definition: { path: 'users.csv?sig=s3cret-signature' },
    maxRemovedShare: 1,
  });
const runOnce = async () => scenario.runIn(await scenario.start(await create()));

/** What is left of the file from where the request asks for it. */
function sendRest({ headers }: IncomingMessage, response: ServerResponse): void {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  const part = start === 0 ? {} : { 'content-range': `bytes ${start}-${CONTENT.length - 1}/${CONTENT.length}` };
  response.writeHead(start === 0 ? 200 : 206, { etag: '"1"', 'content-length': CONTENT.length - start, ...part });
  response.end(CONTENT.subarray(start));
}

describe('an import of a file over HTTP', () => {
  it('goes on where the connection broke, with the headers of the settings', async () => {
    await scenario.worker(undefined, { ALLOW_PRIVATE_NETWORKS: 'true' });
    answer = (request, response) => {
      if (requests.length > 1) return sendRest(request, response);
      response.writeHead(200, { etag: '"1"', 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 300_000), () => response.destroy());
    };
    expect(await runOnce()).toMatchObject({ status: 'succeeded', added: USERS, epoch: 1 });
    expect(
      requests.map(({ headers }) => [headers.authorization, headers.range !== undefined, headers['if-range']]),
    ).toEqual([
      [TOKEN, false, undefined],
      [TOKEN, true, '"1"'],
    ]);
  });

  it('waits as long as the server asks for', async () => {
    await scenario.worker(undefined, { ALLOW_PRIVATE_NETWORKS: 'true' });
    answer = (request, response) => {
      if (requests.length > 1) return sendRest(request, response);
      response.writeHead(503, { 'retry-after': '1' }).end();
    };
    expect(await runOnce()).toMatchObject({ status: 'succeeded', added: USERS, epoch: 1 });
  });

  it('tells what is wrong without what is secret', async () => {
    await scenario.worker(undefined, { ALLOW_PRIVATE_NETWORKS: 'true' });
    answer = (_request, response) => response.writeHead(404).end('s3cret');
    const run = await runOnce();
    expect(run).toMatchObject({ status: 'failed', errorCode: 'SourceRefused' });
    expect(run.errorMessage).toMatch(/users\.csv.*does not exist \(status 404\)/);
    answer = (_request, response) => response.writeHead(200).end('id,mail\nu1,x\n');
    const drifted = await runOnce();
    expect(drifted).toMatchObject({ status: 'failed', errorCode: 'SchemaDrift' });
    expect(JSON.stringify([run, drifted])).not.toMatch(/s3cret/);
  });

  it('is refused where the operator does not allow private networks', async () => {
    const worker = await scenario.worker();
    const run = await runOnce();
    expect(run).toMatchObject({ status: 'failed', errorCode: 'SourceRefused' });
    expect(run.errorMessage).toMatch(/private address.*ALLOW_PRIVATE_NETWORKS/);
    expect(requests).toEqual([]);
    expect(worker.log).not.toMatch(/s3cret/);
  });
});
