import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import type { FileAccess, StoredFile } from '../src/files/file-storage.js';
import { HTTP_LIMITS, type HttpLimits } from '../src/http/exchange.js';
import { HttpStorage } from '../src/http/http-storage.js';
import { httpSettings } from '../src/http/settings.js';
import { type Answer, type HttpTestServer, startHttpServer } from './http-server.js';
import { unhurried } from './read-source.js';
import type { TestServer } from './tcp-server.js';

export const MODIFIED = 'Wed, 21 Oct 2015 07:28:00 GMT';
export const CSV = 'id,name\n1,Ann\n2,Bob\n';
export const SECRET = 's3cret-token';

export const access: FileAccess = { filesystemRoot: null, allowPrivateNetworks: true, maxFileBytes: 1e9 };
export const guarded: FileAccess = { ...access, allowPrivateNetworks: false };

export const authorization = { key: 'Authorization', value: `Bearer ${SECRET}` };

/** The server is stopped after the test. */
export async function started<S extends TestServer>(starting: Promise<S>): Promise<S> {
  const server = await starting;
  onTestFinished(() => server.stop());
  return server;
}

export const http = (answer: Answer): Promise<HttpTestServer> => started(startHttpServer(answer));

/** A storage of a server of this machine, closed after the test. */
export function storageOf(
  port: number,
  settings: Record<string, unknown> = {},
  limits: Partial<HttpLimits> = {},
): HttpStorage {
  const parsed = httpSettings.parse({ host: '127.0.0.1', port, tls: false, headers: [authorization], ...settings });
  const storage = new HttpStorage(parsed, access, { ...HTTP_LIMITS, ...limits });
  onTestFinished(() => storage.close());
  return storage;
}

/** A storage of a server that answers so. */
export const serving = async (answer: Answer, limits: Partial<HttpLimits> = {}): Promise<HttpStorage> =>
  storageOf((await http(answer)).port, {}, limits);

export const file = (path: string, known: Partial<StoredFile> = {}): StoredFile => ({
  ...{ path, size: null, modifiedAt: null, version: null },
  ...known,
});

/** What reading from an offset gives, or fails with; an error never holds the secret. */
export async function read(storage: HttpStorage, from: StoredFile = file('users.csv'), offset = 0): Promise<unknown> {
  try {
    const { content } = await storage.open(from, offset, unhurried());
    return await text(content);
  } catch (error) {
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SECRET);
    return error;
  }
}

export const unavailable = (message: string) => ({
  code: 'SourceUnavailable',
  message: expect.stringContaining(message),
});
export const refused = (message: string) => ({ code: 'SourceRefused', message: expect.stringContaining(message) });
