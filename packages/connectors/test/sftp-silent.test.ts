import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sftp } from '../src/sftp/sftp.js';
import { rejection, unhurried } from './read-source.js';
import { OPEN_ACCESS } from './read-storage.js';
import { type SftpTest, startSftpServer } from './sftp-server.js';
import { serve, type TestServer } from './tcp-server.js';

/** It takes connections, and never says a word. */
let mute: TestServer;
/** It logs in, and then says no more. */
let server: SftpTest;
beforeAll(async () => {
  mute = await serve(() => undefined);
  server = await startSftpServer();
  server.behaviour.silent = true;
});
afterAll(async () => {
  await mute.stop();
  await server.stop();
});

/** What is said in the end, and after how long. */
const outcome = async (attempt: Promise<unknown>) => {
  const started = performance.now();
  return { error: await rejection(attempt), ms: performance.now() - started };
};

describe.concurrent('sftp with a server that does not answer', () => {
  const noAnswer = (port: number) => ({
    code: 'SourceUnavailable',
    message: `no answer from 127.0.0.1:${port}: check host and port, and that no firewall is in between`,
  });

  it.each([
    ['a word', () => mute.port],
    ['the first question', () => server.port],
  ])('ends the test of the settings within 10 s without %s', { timeout: 20_000 }, async (_what, port) => {
    const { error, ms } = await outcome(sftp.test({ ...server.settings, port: port() }, OPEN_ACCESS, unhurried()));
    expect(error).toMatchObject(noAnswer(port()));
    expect(ms).toBeLessThan(10_000);
  });

  it('waits for the beginning of an answer for 12 s at most', { timeout: 30_000 }, async () => {
    const storages = [mute.port, server.port].map((port) => sftp.open({ ...server.settings, port }, OPEN_ACCESS));
    const outcomes = await Promise.all(storages.map((storage) => outcome(storage.find('users.csv', unhurried()))));
    expect(outcomes.map(({ error }) => error)).toMatchObject([
      noAnswer(mute.port),
      { code: 'SourceUnavailable', message: `127.0.0.1:${server.port} stopped answering` },
    ]);
    for (const { ms } of outcomes) expect(ms).toBeLessThan(14_000);
    for (const storage of storages) await storage.close();
  });
});
