import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { httpGet } from '../src/http/http-get.js';
import { localhostCertificate, respond, startHttpsServer } from './http-server.js';
import { access, authorization, file, guarded, http, refused, SECRET, started, unavailable } from './read-http.js';
import { rejection, unhurried } from './read-source.js';
import { closedPort, serve } from './tcp-server.js';

describe('the connector http-get', () => {
  const problem = (settings: Record<string, unknown>, allowed = access): Promise<unknown> =>
    rejection(httpGet.test({ tls: false, headers: [authorization], ...settings }, allowed, unhurried()));

  it('passes the test where a server answers, whatever it says', async () => {
    const server = await http(respond(404));
    await httpGet.test({ host: '127.0.0.1', port: server.port, tls: false }, access, unhurried());
    expect(server.requests).toMatchObject([{ method: 'HEAD', path: '/' }]);
    const secure = await started(startHttpsServer(respond(200)));
    await httpGet.test({ host: 'localhost', port: secure.port, ca: localhostCertificate }, access, unhurried());
  });

  it('says in the test which setting to look at', async () => {
    const port = await closedPort();
    expect(await problem({ host: '127.0.0.1', port })).toMatchObject(
      unavailable(`nothing listens at 127.0.0.1:${port}: check host and port, and that the server is running`),
    );
    expect(await problem({ host: 'no-such-host.invalid' })).toMatchObject(unavailable('host "no-such-host.invalid"'));
    const { port: needy } = await http(respond(401));
    expect(await problem({ host: '127.0.0.1', port: needy })).toMatchObject(refused('(status 401): check headers'));
    const bad = (socket: Socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { port: plain } = await started(serve(bad));
    expect(await problem({ host: '127.0.0.1', port: plain, tls: true })).toMatchObject(
      refused(`127.0.0.1:${plain} does not speak TLS: check port and tls`),
    );
    const silent = await started(serve((socket) => socket.end('220 ready\r\n')));
    expect(await problem({ host: '127.0.0.1', port: silent.port })).toMatchObject(
      unavailable('does not answer as an HTTP server'),
    );
  });

  it.each([
    [{ host: 'localhost' }, 'self-signed certificate'],
    [{ host: '127.0.0.1', ca: localhostCertificate }, "does not match certificate's altnames"],
  ])('does not trust a certificate that it cannot verify: %#', async (settings, reason) => {
    const { port, requests } = await started(startHttpsServer(respond(200)));
    const error = await problem({ tls: true, port, ...settings });
    expect(error).toMatchObject(refused(`the TLS certificate of ${settings.host}:${port} cannot be trusted (`));
    expect(error).toMatchObject(refused(reason));
    expect(error).toMatchObject(refused('check host, tls and ca'));
    expect(requests).toHaveLength(0);
  });

  it.each(['127.0.0.1', 'localhost', '::1', '[::1]', '2130706433', '169.254.169.254'])(
    'does not connect to the private address %s',
    async (host) => {
      const server = await http(respond(200));
      const settings = { host, port: server.port, tls: false };
      const message =
        'is at a private address, which this installation does not allow (an operator can set ALLOW_PRIVATE_NETWORKS=true)';
      expect(await problem(settings, guarded)).toMatchObject(refused(message));
      const storage = httpGet.open(settings, guarded);
      expect(await rejection(storage.open(file('a'), 0, unhurried()))).toMatchObject(refused(message));
      await storage.close();
      expect(server.requests).toHaveLength(0);
    },
  );

  it.each([
    ['users.csv', 'https://example.com/users.csv'],
    ['/a/b.csv?x=%20&y=ü', 'https://example.com/a/b.csv?x=%20&y=%C3%BC'],
    ['/a%2Fb %C3%BC.csv', 'https://example.com/a%2Fb%20%C3%BC.csv'],
    ['//other.example/x', 'https://example.com//other.example/x'],
    ['@other.example', 'https://example.com/@other.example'],
    [':8080/x', 'https://example.com/:8080/x'],
    ['/', 'https://example.com/'],
    ['a?b=../c', 'https://example.com/a?b=../c'],
  ])('shows the path %s as %s', (path, expected) => {
    expect(httpGet.open({ host: 'example.com' }, guarded).absolutePath(path)).toBe(expected);
  });

  it.each(['', 'a#b', 'a\nb', 'a\0b', 'a\\b', '../a', 'a/../b', 'a/%2e%2E/b', './a', 'a%', 'a%zz', 'a\u007f'])(
    'refuses the path %j',
    async (path) => {
      const storage = httpGet.open({ host: 'example.com' }, guarded);
      expect(() => storage.absolutePath(path)).toThrow(expect.objectContaining({ code: 'InvalidPath' }));
      expect(await rejection(storage.find(path, unhurried()))).toMatchObject({ code: 'InvalidPath' });
      expect(await rejection(storage.open(file(path), 0, unhurried()))).toMatchObject({ code: 'InvalidPath' });
    },
  );

  it.each([
    ['http://example.com/users.csv', 'http://'],
    ['HTTPS://example.com/users.csv', 'HTTPS://'],
    ['s3://bucket/users.csv', 's3://'],
  ])('refuses the path %s, which names a host', async (path, scheme) => {
    const message = `path must not begin with ${scheme}: give only what follows the host`;
    const storage = httpGet.open({ host: 'example.com' }, guarded);
    expect(() => storage.absolutePath(path)).toThrow(expect.objectContaining({ code: 'InvalidPath', message }));
    expect(await rejection(storage.find(path, unhurried()))).toMatchObject({ code: 'InvalidPath', message });
    expect(storage.absolutePath(`copy?of=${path}`)).toBe(`https://example.com/copy?of=${path}`);
  });

  it.each([
    [{ host: 'bücher.example' }, 'https://xn--bcher-kva.example/a'],
    [{ host: '2001:db8::1', port: 8443 }, 'https://[2001:db8::1]:8443/a'],
    [{ host: '[2001:db8::1]', port: 443 }, 'https://[2001:db8::1]/a'],
    [{ host: 'example.com', tls: false }, 'http://example.com/a'],
    [{ host: 'example.com', tls: false, port: 443 }, 'http://example.com:443/a'],
  ])('makes an address of %j', (settings, expected) => {
    expect(httpGet.open(settings, guarded).absolutePath('a')).toBe(expected);
  });

  it.each([
    { host: '' },
    { host: 'example.com:443' },
    { host: 'https://example.com' },
    { host: 'example.com/path' },
    { host: 'user@example.com' },
    { host: 'exa mple.com' },
    { host: 'example.com?' },
    { host: 'exa%6dple.com' },
    { host: 'fe80::1%eth0' },
    { host: 'h', port: 0 },
    { host: 'h', tls: 'yes' },
    { host: 'h', tls: false, ca: localhostCertificate },
    { host: 'h', ca: 'none' },
    { host: 'h', path: '/' },
    ...[
      'Host',
      'content-length',
      'RANGE',
      'If-Range',
      'Connection',
      'Transfer-Encoding',
      'Accept-Encoding',
      'a b',
      'a:b',
      '',
    ].map((key) => ({ host: 'h', headers: [{ key, value: SECRET }] })),
    ...['a\r\nHost: b', 'a\0', '', '€', 'x'.repeat(10_001)].map((value) => ({
      host: 'h',
      headers: [{ key: 'a', value }],
    })),
    { host: 'h', headers: Array(51).fill({ key: 'a', value: 'b' }) },
  ])('refuses the settings %.60j', (settings) => {
    try {
      httpGet.open(settings, guarded);
      expect.unreachable('it was accepted');
    } catch (error) {
      expect(error).toMatchObject({ code: 'InvalidSettings' });
      expect(inspect(error, { depth: 20 })).not.toContain(SECRET);
    }
  });
});
