import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createConnectionPools } from '../src/index.js';
import { CAPABILITIES, CAPABILITY, greeting, packet, startRefusingServer } from './mysql-wire.js';
import { asAdministrator, describeMysql, type MysqlTest, mysql, openMysql } from './open-mysql.js';
import { readAll, rejection, unhurried } from './read-source.js';
import { closedPort, serve, startProxy, type TestServer } from './tcp-server.js';
import { ENDED_WHEN_TOLD_MS, until } from './until.js';

const SETTINGS = { host: '127.0.0.1', username: 'u', password: 's3cret', database: 'd' };
const SLOW = 'SELECT COUNT(*) AS n FROM seq_1_to_100000 a JOIN seq_1_to_100000 b WHERE a.seq * b.seq % 7 = 3';
const certificate = readFileSync(new URL('./fixtures/localhost-cert.pem', import.meta.url), 'utf8');

const servers: TestServer[] = [];
const started = async <S extends TestServer>(server: Promise<S>): Promise<S> => {
  servers.push(await server);
  return await server;
};
const problem = async (settings: Record<string, unknown>): Promise<unknown> => {
  const error = await rejection(mysql.test({ ...SETTINGS, ...settings }, unhurried()));
  expect(inspect(error, { depth: null })).not.toContain(SETTINGS.password);
  return error;
};

describe('mysql that cannot be reached', () => {
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  it('names host when it is unknown', async () => {
    expect(await problem({ host: 'no-such-host.invalid' })).toMatchObject({
      code: 'SourceUnavailable',
      message: 'host "no-such-host.invalid" is unknown: check host',
    });
  });

  it('names host and port when nothing listens there', async () => {
    const port = await closedPort();
    expect(await problem({ port })).toMatchObject({
      code: 'SourceUnavailable',
      message: `nothing listens at 127.0.0.1:${port}: check host and port, and that the database is running`,
    });
  });

  it.each([
    [1045, '28000', 'SourceRefused', 'refused user "u": check username and password, and tls if the user must use it'],
    [1049, '42000', 'SourceRefused', /^database "d" does not exist at .*: check database$/],
    [1044, '42000', 'SourceRefused', 'user "u" may not use database "d": grant it SELECT there, or check database'],
    [1862, 'HY000', 'SourceRefused', 'does not let user "u" log in (server says so): check username'],
    [3118, 'HY000', 'SourceRefused', 'does not let user "u" log in (server says so): check username'],
    [3159, 'HY000', 'SourceRefused', 'lets nobody log in without TLS: check tls'],
    [1226, '42000', 'SourceUnavailable', 'refused the connection: server says so'],
    [1053, '08S01', 'SourceUnavailable', 'refused the connection: server says so'],
    [1040, '', 'SourceUnavailable', 'refused the connection: server says so'],
    [1129, '', 'SourceRefused', 'does not let this machine connect (server says so)'],
    [1130, '', 'SourceRefused', 'does not let this machine connect (server says so)'],
    [1235, '42000', 'SourceRefused', 'refused the connection: server says so'],
  ])('knows what error %d means for a connection', async (errno, sqlState, code, message) => {
    const { port } = await started(startRefusingServer(errno, 'server says so', sqlState));
    const text = typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message);
    expect(await problem({ port })).toMatchObject({ code, message: text });
  });

  it('says so when the server is not MySQL', async () => {
    const { port } = await started(serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await problem({ port })).toMatchObject({
      code: 'SourceUnavailable',
      message: expect.stringContaining('is not a MySQL or MariaDB server, or closed the connection'),
    });
  });

  it('says so when the server does not offer TLS, and does not try to log in', async () => {
    let received = 0;
    const { port } = await started(
      serve((socket) => {
        socket.write(greeting());
        socket.on('data', (data: Buffer) => {
          received += data.length;
        });
      }),
    );
    const error = await problem({ port, tls: 'require' });
    expect(error).toMatchObject({ code: 'SourceRefused', message: `127.0.0.1:${port} does not offer TLS: check tls` });
    expect(received).toBe(0);
  });

  it('says so when TLS fails for another reason than a certificate', async () => {
    const { port } = await started(
      serve((socket) => {
        socket.write(greeting(CAPABILITIES | CAPABILITY.tls));
        socket.once('data', () => socket.end('no TLS'));
      }),
    );
    expect(await problem({ port, tls: 'require' })).toMatchObject({
      code: 'SourceUnavailable',
      message: expect.stringMatching(/^TLS with .* could not be established \(.*\): check tls$/),
    });
  });

  it('says so when the user authenticates in a way that it does not know', async () => {
    const { port } = await started(
      serve((socket) => {
        socket.write(greeting());
        socket.once('data', () => socket.write(packet(2, Buffer.from('\xfeclient_ed25519\0salt\0', 'latin1'))));
      }),
    );
    expect(await problem({ port })).toMatchObject({
      code: 'SourceRefused',
      message: expect.stringContaining('client_ed25519'),
    });
  });

  it('offers the server neither files nor several statements or results', async () => {
    let flags = 0;
    const { port } = await started(
      serve((socket) => {
        socket.write(greeting());
        socket.once('data', (data: Buffer) => {
          flags = data.readUInt32LE(4);
          socket.end();
        });
      }),
    );
    await problem({ port });
    const unwanted = CAPABILITY.localFiles | CAPABILITY.multiStatements | CAPABILITY.multiResults;
    expect(flags).not.toBe(0);
    expect(flags & unwanted).toBe(0);
  });

  it('does not send a file that the server asks for', async () => {
    const received: Buffer[] = [];
    const { port } = await started(
      serve((socket) => {
        socket.write(greeting());
        socket.once('data', () => {
          socket.write(packet(2, Buffer.from([0, 0, 0, 2, 0, 0, 0])));
          socket.once('data', () => {
            socket.write(packet(1, Buffer.from('\xfb/etc/hostname', 'latin1')));
            socket.on('data', (data: Buffer) => received.push(data));
          });
        });
      }),
    );
    expect(await problem({ port })).toMatchObject({ code: 'SourceUnavailable' });
    expect(received).toEqual([]);
  });

  it('stops connecting to a server that does not answer within a second of the signal', async () => {
    let connected = false;
    const { port } = await started(
      serve(() => {
        connected = true;
      }),
    );
    const controller = new AbortController();
    const result = rejection(mysql.test({ ...SETTINGS, port }, controller.signal));
    await until('it connects', () => connected);
    const reason = new Error('stopped by the test');
    const start = performance.now();
    controller.abort(reason);
    expect(await result).toBe(reason);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describeMysql('mysql that is there', () => {
  let test: MysqlTest;
  beforeAll(async () => {
    test = await openMysql();
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  afterAll(() => test.drop());

  const refusal = (settings: Record<string, unknown>): Promise<unknown> =>
    rejection(mysql.test({ ...test.settings, ...settings }, unhurried()));

  it('passes the test of settings that are right', async () => {
    await expect(mysql.test(test.settings, unhurried())).resolves.toBeUndefined();
  });

  it.each([{ password: 'wrong' }, { password: '' }, { username: 'nobody' }])('refuses %j', async (settings) => {
    expect(await refusal(settings)).toMatchObject({
      code: 'SourceRefused',
      message: expect.stringContaining('check username and password'),
    });
  });

  it('names the database when it does not exist, or is somebody else\u2019s', async () => {
    const other = `penstock_other_${process.pid}`;
    await asAdministrator([`CREATE DATABASE ${other}`]);
    try {
      expect(await refusal({ database: other })).toMatchObject({
        code: 'SourceRefused',
        message: expect.stringContaining(`may not use database "${other}"`),
      });
      // Whether it exists is told to users only who might see it.
      expect(await refusal({ database: `${test.settings.database}x` })).toMatchObject({ code: 'SourceRefused' });
    } finally {
      await asAdministrator([`DROP DATABASE ${other}`]);
    }
  });

  it('says so when a user must use TLS', async () => {
    const user = `penstock_tls_${process.pid}`;
    const grant = `GRANT ALL PRIVILEGES ON ${test.settings.database}.* TO ${user}@'%'`;
    await asAdministrator([`CREATE USER ${user}@'%' IDENTIFIED BY 'p' REQUIRE SSL`, grant]);
    try {
      const settings = { username: user, password: 'p' };
      const message = expect.stringContaining('and tls if the user must use it');
      expect(await refusal(settings)).toMatchObject({ code: 'SourceRefused', message });
      await mysql.test({ ...test.settings, ...settings, tls: 'require' }, unhurried());
    } finally {
      await asAdministrator([`DROP USER ${user}@'%'`]);
    }
  });

  it('reports a connection that the network cuts while reading, and reads again', async () => {
    const proxy = await started(startProxy(test.settings));
    const pools = createConnectionPools();
    try {
      const settings = { ...test.settings, host: '127.0.0.1', port: proxy.port };
      const source = (query: string) => mysql.openSource(settings, query, pools);
      const reader = await source("SELECT REPEAT('x', 100000) AS t FROM seq_1_to_3000").open(null, unhurried());
      const error = await rejection(
        (async () => {
          for await (const _ of reader.batches()) proxy.cut();
        })(),
      );
      expect(error).toMatchObject({
        code: 'SourceUnavailable',
        message: expect.stringContaining('was lost while reading'),
      });
      expect((await readAll(source, 'SELECT 1 AS n')).rows).toEqual([[1]]);
    } finally {
      await pools.close();
    }
  });

  it('reports a query that somebody ended, and that trying again may help', async () => {
    const reader = await test.source(SLOW).open(null, unhurried());
    const result = rejection(reader.batches()[Symbol.asyncIterator]().next());
    await until('the database works', async () => (await test.sessions("COMMAND <> 'Sleep'")) === 1);
    const [{ id } = {}] = await test.execute(
      `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = '${test.settings.username}' AND COMMAND <> 'Sleep'`,
    );
    await test.execute(`KILL QUERY ${id}`);
    expect(await result).toMatchObject({ code: 'SourceUnavailable', retryable: true });
  });

  it('does not trust a certificate that it cannot verify', async () => {
    const error = await refusal({ host: 'localhost', tls: 'verify-full' });
    expect(error).toMatchObject({ code: 'SourceRefused', message: expect.stringContaining('cannot be trusted') });
  });

  it('does not trust a certificate of another host', async () => {
    const error = await refusal({ host: '127.0.0.1', tls: 'verify-full', ca: certificate });
    expect(error).toMatchObject({ code: 'SourceRefused', message: expect.stringContaining('cannot be trusted') });
  });

  it.each([{ tls: 'require' }, { tls: 'verify-full', ca: certificate }])(
    'reads, and ends what is going on, encrypted %#',
    async (options) => {
      const pools = createConnectionPools();
      const settings = { ...test.settings, host: 'localhost', ...options };
      const source = (query: string) => mysql.openSource(settings, query, pools);
      const { rows } = await readAll(
        source,
        "SELECT VARIABLE_VALUE <> '' AS t FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'",
      );
      expect(rows).toEqual([[1]]);
      const controller = new AbortController();
      const reader = await source('SELECT SLEEP(60) AS n').open(null, controller.signal);
      const result = rejection(reader.batches()[Symbol.asyncIterator]().next());
      await until('the database works', async () => (await test.sessions("COMMAND <> 'Sleep'")) === 1);
      controller.abort();
      await result;
      await until(
        'it has stopped working',
        async () => (await test.sessions("COMMAND <> 'Sleep'")) === 0,
        ENDED_WHEN_TOLD_MS,
      );
      await pools.close();
    },
  );
});
