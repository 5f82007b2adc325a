import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { s3 } from '../src/s3/s3.js';
import { rejection, unhurried } from './read-source.js';
import { OPEN_ACCESS } from './read-storage.js';
import { type PlainS3, type S3Failure, startPlainS3 } from './s3-server.js';
import { closedPort, serve } from './tcp-server.js';

const CLOSED_ACCESS = { ...OPEN_ACCESS, allowPrivateNetworks: false };

describe('s3 that refuses', () => {
  let server: PlainS3;
  let service = '';
  beforeAll(async () => {
    server = await startPlainS3();
    service = `127.0.0.1:${server.port}`;
    await server.put('users.csv', 'id');
  });
  afterEach(() => {
    server.fail(null);
    vi.unstubAllEnvs();
  });
  afterAll(() => server.stop());

  const problem = (settings: Record<string, unknown>, access = OPEN_ACCESS): Promise<unknown> =>
    rejection(s3.test({ ...server.settings, ...settings }, access, unhurried()));

  const findProblem = async (path: string, settings: Record<string, unknown> = {}): Promise<unknown> => {
    const storage = s3.open({ ...server.settings, ...settings }, OPEN_ACCESS);
    try {
      return await rejection(storage.find(path, unhurried()));
    } finally {
      await storage.close();
    }
  };

  const REFUSED: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [
      { secretAccessKey: 'wrong-secret' },
      /^secretAccessKey is not the secret of access key "AKIATEST": check accessKeyID, secretAccessKey and region$/,
    ],
    [{ accessKeyID: 'NOBODY' }, /does not know the access key "NOBODY": check accessKeyID and endpoint$/],
    [{ bucket: 'no-such-bucket' }, /^bucket "no-such-bucket" does not exist at .*: check bucket and endpoint$/],
    [{ region: 'us-east-1' }, /^bucket "penstock-test" is in region "eu-south-1": set region to that$/],
  ];

  it.each(REFUSED)('names the setting of what is wrong: %o', async (settings, message) => {
    const expected = { code: 'SourceRefused', message: expect.stringMatching(message) };
    expect(await problem(settings)).toMatchObject(expected);
    // The answer to HEAD has no words; the reason is found out all the same.
    expect(await findProblem('users.csv', settings)).toMatchObject(expected);
    expect(await findProblem('*.csv', settings)).toMatchObject(expected);
  });

  const SAID: readonly (readonly [S3Failure, string, string])[] = [
    [
      { status: 403, code: 'AccessDenied' },
      'SourceRefused',
      'the access key may not read s3://penstock-test/users.csv: check path and prefix, and allow it s3:GetObject and s3:ListBucket',
    ],
    [
      { status: 403, code: 'InvalidObjectState' },
      'SourceRefused',
      's3://penstock-test/users.csv is archived (S3 Glacier): restore it, then run again',
    ],
    [
      { status: 400, code: 'ExpiredToken' },
      'SourceRefused',
      'the sessionToken has expired: set accessKeyID, secretAccessKey and sessionToken anew',
    ],
    [
      { status: 301, code: 'PermanentRedirect', headers: { 'x-amz-bucket-region': 'ap-south-1' } },
      'SourceRefused',
      'bucket "penstock-test" is in region "ap-south-1": set region to that',
    ],
    [{ status: 503, code: 'SlowDown' }, 'SourceUnavailable', 'SERVICE cannot answer at the moment (503 SlowDown)'],
    [
      { status: 500, code: 'InternalError' },
      'SourceUnavailable',
      'SERVICE cannot answer at the moment (500 InternalError)',
    ],
    [
      { status: 418, code: 'Teapot' },
      'SourceRefused',
      'SERVICE refused to read s3://penstock-test/users.csv (418 Teapot): check the settings of the connection',
    ],
  ];

  it.each(SAID)('explains %o', async (failure, code, message) => {
    const storage = s3.open(server.settings, OPEN_ACCESS);
    const [file] = await storage.find('users.csv', unhurried());
    if (file === undefined) throw new Error('no file');
    server.fail(failure);
    const expected = { code, message: message.replace('SERVICE', service) };
    expect(await findProblem('users.csv')).toMatchObject(expected);
    expect(await rejection(storage.open(file, 0, unhurried()))).toMatchObject(expected);
    await storage.close();
  });

  it('passes on how long the service wants to be left alone', async () => {
    server.fail({ status: 503, code: 'SlowDown', headers: { 'retry-after': '7' } });
    expect(await problem({})).toMatchObject({ details: { retryAfterMs: 7_000 } });
  });

  it('asks once: who asks again is decided elsewhere', async () => {
    server.fail({ status: 503, code: 'SlowDown' });
    const before = server.requests.length;
    await problem({});
    expect(server.requests.length).toBe(before + 1);
  });

  it('says what to allow when the key may neither list nor see the bucket', async () => {
    server.fail({ status: 403, code: 'AccessDenied' });
    expect(await problem({})).toMatchObject({
      code: 'SourceRefused',
      message: expect.stringMatching(/^access key "AKIATEST" may not list bucket "penstock-test": .*s3:ListBucket/),
    });
  });

  it('names endpoint when nothing listens there, or something else does', async () => {
    const port = await closedPort();
    expect(await problem({ endpoint: `http://127.0.0.1:${port}` })).toMatchObject({
      code: 'SourceUnavailable',
      message: `nothing listens at 127.0.0.1:${port}: check endpoint, and that the service is running`,
    });
    const web = await serve((socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>'));
    const message = `127.0.0.1:${web.port} does not answer as S3 does: check endpoint and pathStyle`;
    expect(await problem({ endpoint: `http://127.0.0.1:${web.port}` })).toMatchObject({ message });
    expect(await problem({ endpoint: `https://127.0.0.1:${web.port}` })).toMatchObject({ message });
    await web.stop();
    expect(await problem({ endpoint: 'https://no-such-host.invalid' })).toMatchObject({
      code: 'SourceUnavailable',
      message: 'the host of no-such-host.invalid is unknown: check endpoint, region and pathStyle',
    });
  });

  it('trusts a certificate only with the authority that signed it', async () => {
    const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
    const cert = fixture('localhost-cert.pem');
    const secured = await startPlainS3({ cert, key: fixture('localhost-key.pem') });
    await expect(
      s3.test({ ...secured.settings, ca: cert.toString() }, OPEN_ACCESS, unhurried()),
    ).resolves.toBeUndefined();
    expect(await rejection(s3.test(secured.settings, OPEN_ACCESS, unhurried()))).toMatchObject({
      code: 'SourceRefused',
      message: expect.stringMatching(
        /^the TLS certificate of localhost:\d+ cannot be trusted \(\w+\): check endpoint and ca$/,
      ),
    });
    await secured.stop();
  });

  it('connects to private addresses only where that is allowed', async () => {
    const before = server.requests.length;
    for (const host of ['127.0.0.1', 'localhost', '0x7f.1', '[::1]']) {
      const name = new URL(`http://${host}`).hostname;
      expect(await problem({ endpoint: `http://${host}:${server.port}` }, CLOSED_ACCESS)).toMatchObject({
        code: 'SourceRefused',
        message: expect.stringContaining(`host "${name}" is at a private address`),
      });
    }
    expect(server.requests.length).toBe(before);
  });

  it('takes nothing from the environment', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'FROM-ENVIRONMENT');
    vi.stubEnv('AWS_SESSION_TOKEN', 'from-environment');
    vi.stubEnv('AWS_REGION', 'from-environment');
    vi.stubEnv('AWS_PROFILE', 'no-such-profile');
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/full');
    await s3.test(server.settings, OPEN_ACCESS, unhurried());
    const headers = JSON.stringify(server.requests.at(-1)?.headers);
    expect(headers).toContain('AKIATEST');
    expect(headers).not.toMatch(/from-environment/i);

    vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://${service}`);
    const before = server.requests.length;
    expect(await problem({ endpoint: undefined, region: 'nowhere-1' })).toMatchObject({
      message: expect.stringMatching(/^the host of Amazon S3 in nowhere-1 /),
    });
    expect(server.requests.length).toBe(before);
  });

  it('sends the session token, and no error has it or the secret', async () => {
    const secrets = { sessionToken: 'token-of-the-test', secretAccessKey: 'wrong-secret-of-the-test' };
    const error = (await problem(secrets)) as Error;
    expect(server.requests.at(-1)?.headers['x-amz-security-token']).toBe('token-of-the-test');
    expect(JSON.stringify([error, error.message, error.stack, String(error.cause)])).not.toMatch(/of-the-test/);
  });

  it.each([
    [{ bucket: 'Upper' }, 'bucket'],
    [{ bucket: '10.0.0.1' }, 'bucket'],
    [{ bucket: 'a..b' }, 'bucket'],
    [{ endpoint: 'http://user:secret@127.0.0.1' }, 'endpoint'],
    [{ endpoint: 'http://127.0.0.1/path' }, 'endpoint'],
    [{ endpoint: 'file:///etc' }, 'endpoint'],
    [{ prefix: 'no-slash' }, 'prefix'],
    [{ secretAccessKey: 'a\nb' }, 'secretAccessKey'],
    [{ ca: 'nonsense' }, 'ca'],
  ])('refuses settings %o', async (settings, path) => {
    const error = await problem(settings);
    expect(error).toMatchObject({
      code: 'InvalidSettings',
      details: expect.arrayContaining([{ path, message: expect.any(String) }]),
    });
  });

  it.each(['', '/', 'directory/', 'a\0b', 'x'.repeat(1_025)])('refuses the path %j', (path) => {
    const storage = s3.open(server.settings, OPEN_ACCESS);
    expect(() => storage.absolutePath(path)).toThrow(expect.objectContaining({ code: 'InvalidPath' }));
  });
});
