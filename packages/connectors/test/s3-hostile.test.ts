import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { s3 } from '../src/s3/s3.js';
import { rejection, unhurried } from './read-source.js';
import { OPEN_ACCESS } from './read-storage.js';
import { serve, type TestServer } from './tcp-server.js';

const MIB = 1024 * 1024;
/** What a service sends at most that would otherwise send for ever. */
const LAST_BYTE = 1024 * MIB;
const SETTINGS = { accessKeyID: 'AKIATEST', secretAccessKey: 'secret', bucket: 'penstock-test', pathStyle: true };
const LIST = 'HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\n\r\n<ListBucketResult>';
const NO_SUCH_FILE = 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n';
const FAILURE = 'HTTP/1.1 403 Forbidden\r\ncontent-type: application/xml\r\n\r\n<Error><Code>';

describe('s3 with a service that sends without end', () => {
  let service: TestServer;
  let [answer, sent] = ['', 0];
  let element = Buffer.alloc(0);
  beforeEach(async () => {
    sent = 0;
    service = await serve((socket) => {
      socket.once('data', () => void pour(socket));
    });
  });
  afterEach(() => service.stop());

  const pour = async (socket: Socket) => {
    socket.write(answer);
    while (!socket.destroyed && sent < LAST_BYTE) {
      sent += element.length;
      if (!socket.write(element)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    }
    socket.end();
  };
  const settings = () => ({ ...SETTINGS, endpoint: `http://127.0.0.1:${service.port}` });

  /** The memory that an attempt needs beyond what there was. */
  const memoryOf = async (attempt: () => Promise<void>): Promise<number> => {
    const before = process.memoryUsage().rss;
    let [most, over] = [0, false];
    const watch = (async () => {
      while (!over) {
        most = Math.max(most, process.memoryUsage().rss - before);
        await turn();
      }
    })();
    await attempt();
    over = true;
    await watch;
    return most;
  };

  it.each([
    ['a list', LIST, '<Contents><Key>users.csv</Key></Contents>'],
    ['a list of nothing', LIST, ' '],
    ['an error', FAILURE, 'A'],
  ])('refuses %s, and needs little memory for it', { timeout: 60_000 }, async (_what, beginning, text) => {
    answer = beginning;
    element = Buffer.from(text.repeat(65_536 / text.length));
    const refused = {
      code: 'SourceRefused',
      message: `127.0.0.1:${service.port} does not answer as S3 does: check endpoint and pathStyle`,
    };
    const used = await memoryOf(async () => {
      expect(await rejection(s3.test(settings(), OPEN_ACCESS, unhurried()))).toMatchObject(refused);
    });
    expect(sent).toBeLessThan(32 * MIB);
    expect(used).toBeLessThan(128 * MIB);
  });
});

describe.concurrent('s3 with a service that does not answer', { timeout: 40_000 }, () => {
  const stops: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  /** It says the same to all that is asked of it, except that it has no file when it is asked for that. */
  const startSilent = async (greeting: string) => {
    const service = await serve((socket) => {
      socket.on('data', (request) => {
        if (greeting !== '') socket.write(request.toString().startsWith('HEAD') ? NO_SUCH_FILE : greeting);
      });
    });
    const settings = { ...SETTINGS, endpoint: `http://127.0.0.1:${service.port}` };
    const storage = s3.open(settings, OPEN_ACCESS);
    stops.push(storage.close.bind(storage), service.stop);
    const message = `no answer from 127.0.0.1:${service.port}: check endpoint, and that no firewall is in between`;
    return { settings, storage, noAnswer: { code: 'SourceUnavailable', message } };
  };

  it.each([
    ['a word', ''],
    ['the rest of a list', LIST],
  ])('ends without %s: tests within 10 s, everything else within 12 s', async (_what, greeting) => {
    const { settings, storage, noAnswer } = await startSilent(greeting);
    const [test, find] = await Promise.all([
      outcome(s3.test(settings, OPEN_ACCESS, unhurried())),
      outcome(storage.find('*.csv', unhurried())),
    ]);
    expect(test.error).toMatchObject(noAnswer);
    expect(find.error).toMatchObject(noAnswer);
    expect(test.ms).toBeLessThan(10_000);
    expect(find.ms).toBeLessThan(14_000);
  });

  it('waits for the first byte of a file for 12 s at most', async () => {
    const { storage, noAnswer } = await startSilent('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n');
    const file = { path: 'users.csv', size: 5, modifiedAt: null, version: null };
    const { content } = await storage.open(file, 0, unhurried());
    const { error, ms } = await outcome(content.toArray());
    expect(error).toMatchObject(noAnswer);
    expect(ms).toBeLessThan(14_000);
  });
});

/** What is said in the end, and after how long. */
async function outcome(attempt: Promise<unknown>): Promise<{ readonly error: unknown; readonly ms: number }> {
  const started = performance.now();
  return { error: await rejection(attempt), ms: performance.now() - started };
}
