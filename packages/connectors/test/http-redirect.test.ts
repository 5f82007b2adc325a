import { describe, expect, it } from 'vitest';
import { HTTP_LIMITS } from '../src/http/exchange.js';
import { followRedirects } from '../src/http/follow-redirects.js';
import {
  type Answer,
  type HttpTestServer,
  localhostCertificate,
  respond,
  serveFile,
  startHttpsServer,
} from './http-server.js';
import { CSV, file, http, read, refused, SECRET, serving, started, storageOf } from './read-http.js';
import { rejection, unhurried } from './read-source.js';

describe('a redirect', () => {
  const redirect = (location: string, status = 302): Answer => respond(status, { Location: location }, 'moved');

  it.each([301, 302, 303, 307, 308])('is followed on the same server, with the headers: %i', async (status) => {
    const server = await http((socket, request) => {
      const answer = request.path === '/there?x=1' ? respond(200, {}, CSV) : redirect('/there?x=1', status);
      answer(socket, request);
    });
    expect(await read(storageOf(server.port))).toBe(CSV);
    expect(server.requests.map(({ headers }) => headers.get('authorization'))).toEqual(
      Array(2).fill(`Bearer ${SECRET}`),
    );
  });

  it('is followed to another server without the headers, which it does not get later either', async () => {
    const home = await http((socket, request) => {
      const answer =
        request.path === '/again' ? respond(200, {}, CSV) : redirect(`http://user:pw@127.0.0.1:${other.port}/x`);
      answer(socket, request);
    });
    const other: HttpTestServer = await http((socket, request) =>
      redirect(`http://127.0.0.1:${home.port}/again`)(socket, request),
    );
    const known = file('users.csv', { size: 20, version: '"v1"' });
    expect(await read(storageOf(home.port), known)).toBe(CSV);
    const sent = [...home.requests, ...other.requests].map(({ path, headers }) => [path, headers.has('authorization')]);
    expect(sent).toEqual([
      ['/users.csv', true],
      ['/again', false],
      ['/x', false],
    ]);
    expect(other.requests[0]?.headers.get('accept-encoding')).toBe('identity');
  });

  it('keeps the part that is asked for', async () => {
    const server = await http((socket, request) => {
      const answer = request.path === '/there' ? serveFile(CSV, { ETag: '"v1"' }) : redirect('/there');
      answer(socket, request);
    });
    expect(await read(storageOf(server.port), file('a', { size: 20, version: '"v1"' }), 8)).toBe(CSV.slice(8));
  });

  it('is followed five times and not more', async () => {
    const server = await http((socket, request) => redirect('/users.csv')(socket, request));
    expect(await read(storageOf(server.port))).toMatchObject(refused('is redirected more than 5 times'));
    expect(server.requests).toHaveLength(6);
  });

  it.each([
    ['file:///etc/passwd', 'to something else than http or https'],
    ['data:text/csv,id', 'to something else than http or https'],
    ['http://[', 'does not say where to'],
  ])('is not followed to %s', async (location, message) => {
    expect(await read(await serving(redirect(location)))).toMatchObject(refused(message));
  });

  it('is not followed from https to http', async () => {
    const server = await started(startHttpsServer(redirect('http://localhost/users.csv')));
    const storage = storageOf(server.port, { host: 'localhost', tls: true, ca: localhostCertificate });
    expect(await read(storage)).toMatchObject(
      refused('redirected from https to http at localhost, which is not followed'),
    );
  });

  it('does not take the authority of the settings to another host', async () => {
    const other = await started(startHttpsServer(respond(200, {}, CSV)));
    const home = await started(startHttpsServer(redirect(`https://localhost:${other.port}/users.csv`)));
    const storage = storageOf(home.port, { host: 'localhost', tls: true, ca: localhostCertificate });
    expect(await read(storage)).toMatchObject(refused(`certificate of localhost:${other.port} cannot be trusted`));
  });

  it.each(['127.0.0.1', 'localhost', '2130706433', '[::ffff:127.0.0.1]'])(
    'is not followed to the private address %s',
    async (host) => {
      const target = await http(respond(200, {}, CSV));
      const server = await http(redirect(`http://${host}:${target.port}/`));
      const options = {
        limits: HTTP_LIMITS,
        signal: unhurried(),
        // The first server is on this machine too.
        get allowPrivateNetworks() {
          return server.requests.length === 0;
        },
      };
      const url = new URL(`http://127.0.0.1:${server.port}/`);
      const error = await rejection(followRedirects({ url, headers: [], ownHeaders: [] }, options));
      expect(error).toMatchObject(refused('is at a private address, which this installation does not allow'));
      expect(target.requests).toHaveLength(0);
    },
  );
});
