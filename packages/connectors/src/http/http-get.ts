import { AppError } from '@penstock/domain';
import { defineFileStorage } from '../connector.js';
import type { FileAccess } from '../files/file-storage.js';
import { HTTP_LIMITS, HttpExchange } from './exchange.js';
import { HttpStorage } from './http-storage.js';
import { requestHeaders } from './request-headers.js';
import { type HttpSettings, httpSettings, originOf } from './settings.js';

const TEST_LIMITS = { ...HTTP_LIMITS, headersMs: 10_000 };

/** Files of a web server. */
export const httpGet = defineFileStorage({
  code: 'http-get',
  label: 'HTTP GET',
  settingsSchema: httpSettings,
  roles: ['Source'],
  hasPatterns: false,
  open: (settings, access) => new HttpStorage(settings, access),
  test: testHttp,
});

/** Asks for the root, whatever is there: a server that answers, and does not ask who is there, is what a path needs. */
export async function testHttp(settings: HttpSettings, access: FileAccess, signal: AbortSignal): Promise<void> {
  const url = new URL(originOf(settings));
  const { allowPrivateNetworks } = access;
  const exchange = await HttpExchange.start(
    { method: 'HEAD', url, headers: requestHeaders(settings.headers), ca: settings.ca },
    { allowPrivateNetworks, limits: TEST_LIMITS, signal },
  );
  const status = exchange.response.statusCode;
  await exchange.end();
  if (status === 401 || status === 407) {
    throw new AppError('SourceRefused', {
      message: `${url.host} asks who sends the request (status ${status}): check headers, which Authorization may belong to`,
    });
  }
}
