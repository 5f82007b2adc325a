import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createConnectionPools } from '../src/index.js';
import { openPostgresql, type PostgresqlTest, postgresql } from './open-postgresql.js';
import { localhostCertificate, startRefusingServer, startTlsServer } from './postgres-wire.js';
import { readAll, rejection, unhurried } from './read-source.js';
import { closedPort, serve, startProxy, type TestServer } from './tcp-server.js';
import { ENDED_WHEN_TOLD_MS, until } from './until.js';

const USERS = ['penstock_test_no_login', 'penstock_test_no_usage'] as const;

describe('postgresql that cannot be reached', () => {
  let test: PostgresqlTest;
  const servers: TestServer[] = [];
  beforeAll(async () => {
    test = await openPostgresql();
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  afterAll(() => test.drop());

  const started = async <S extends TestServer>(server: Promise<S>): Promise<S> => {
    servers.push(await server);
    return await server;
  };
  const problem = (settings: Record<string, unknown>): Promise<unknown> =>
    rejection(postgresql.test({ ...test.settings, ...settings }, unhurried()));

  it('passes the test of settings that are right', async () => {
    await expect(postgresql.test(test.settings, unhurried())).resolves.toBeUndefined();
  });

  it('names host when it is unknown', async () => {
    const error = await problem({ host: 'no-such-host.invalid' });
    expect(error).toMatchObject({
      code: 'SourceUnavailable',
      message: 'host "no-such-host.invalid" is unknown: check host',
    });
  });

  it('names host and port when nothing listens there', async () => {
    const port = await closedPort();
    expect(await problem({ host: '127.0.0.1', port })).toMatchObject({
      code: 'SourceUnavailable',
      message: `nothing listens at 127.0.0.1:${port}: check host and port, and that the database is running`,
    });
  });

  it('names the database when it does not exist', async () => {
    expect(await problem({ database: 'no such database' })).toMatchObject({
      code: 'SourceRefused',
      message: expect.stringMatching(/^database "no such database" does not exist at .*: check database$/),
    });
  });

  it('names the schema when it does not exist', async () => {
    expect(await problem({ schema: 'no such schema' })).toMatchObject({
      code: 'SourceRefused',
      message: `schema "no such schema" does not exist in database "${test.settings.database}": check schema`,
    });
  });

  it('names the user when it may not use the schema, or not log in', async () => {
    const [noLogin, noUsage] = USERS.map((user) => `${user}_${process.pid}`);
    try {
      const password = `PASSWORD '${test.settings.password}'`;
      await test.execute(
        `CREATE ROLE ${noLogin} NOLOGIN ${password}; CREATE ROLE ${noUsage} LOGIN ${password}; CREATE SCHEMA private`,
      );
      expect(await problem({ username: noLogin })).toMatchObject({
        code: 'SourceRefused',
        message: expect.stringContaining(`refused user "${noLogin}"`),
      });
      expect(await problem({ username: noUsage, schema: 'private' })).toMatchObject({
        code: 'SourceRefused',
        message: `user "${noUsage}" may not use schema "private": grant it USAGE, or check username and schema`,
      });
    } finally {
      await test.execute(`DROP ROLE IF EXISTS ${noLogin}, ${noUsage}`);
    }
  });

  it.each([
    ['28P01', 'SourceRefused', 'refused the password of user "u": check username and password'],
    ['28000', 'SourceRefused', 'refused user "u" (server says so): check username, password and tls'],
    ['3D000', 'SourceRefused', 'does not exist'],
    ['42501', 'SourceRefused', 'user "u" may not connect to database'],
    ['53300', 'SourceUnavailable', 'refused the connection: server says so'],
    ['57P03', 'SourceUnavailable', 'refused the connection: server says so'],
    ['08P01', 'SourceUnavailable', 'refused the connection: server says so'],
    ['0A000', 'SourceRefused', 'refused the connection: server says so'],
  ])('knows what SQLSTATE %s means for a connection', async (sqlstate, code, message) => {
    const { port } = await started(startRefusingServer(sqlstate, 'server says so'));
    const error = await problem({ host: '127.0.0.1', port, username: 'u' });
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('says so when the server is not PostgreSQL', async () => {
    const { port } = await started(serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const error = await problem({ host: '127.0.0.1', port });
    expect(error).toMatchObject({
      code: 'SourceUnavailable',
      message: expect.stringContaining('is not a PostgreSQL server'),
    });
  });

  it('never sends a password of its own environment', async () => {
    const received: Buffer[] = [];
    const askPassword = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);
    const { port } = await started(
      serve((socket) => {
        socket.write(askPassword);
        socket.on('data', (data) => received.push(data));
        socket.on('data', () => Buffer.concat(received).includes('p\0\0\0') && socket.end());
      }),
    );
    process.env.PGPASSWORD = 'secret of the worker';
    try {
      await problem({ host: '127.0.0.1', port, password: '' });
    } finally {
      delete process.env.PGPASSWORD;
    }
    expect(Buffer.concat(received).includes('p\0\0\0\u0005\0')).toBe(true);
    expect(Buffer.concat(received).includes('secret')).toBe(false);
  });

  it('stops connecting to a server that does not answer within a second of the signal', async () => {
    let connected = false;
    const { port } = await started(
      serve(() => {
        connected = true;
      }),
    );
    const controller = new AbortController();
    const result = rejection(postgresql.test({ ...test.settings, host: '127.0.0.1', port }, controller.signal));
    await until('it connects', () => connected);
    const reason = new Error('stopped by the test');
    const start = performance.now();
    controller.abort(reason);
    expect(await result).toBe(reason);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('reports a connection that the network cuts while reading, and reads again', async () => {
    const proxy = await started(startProxy(test.settings));
    const pools = createConnectionPools();
    try {
      const source = (query: string) =>
        postgresql.openSource({ ...test.settings, host: '127.0.0.1', port: proxy.port }, query, pools);
      const wide = "SELECT repeat('x', 100000) AS t FROM generate_series(1, 3000)";
      const reader = await source(wide).open(null, unhurried());
      const error = await rejection(
        (async () => {
          for await (const _ of reader.batches()) proxy.cut();
        })(),
      );
      expect(error).toMatchObject({
        code: 'SourceUnavailable',
        message: expect.stringContaining('was lost while reading'),
      });
      expect((await readAll(source, 'SELECT 1 AS n')).rows).toEqual([['1']]);
    } finally {
      await pools.close();
    }
  });
});

describe('postgresql by TLS', () => {
  let test: PostgresqlTest;
  let server: Awaited<ReturnType<typeof startTlsServer>>;
  beforeAll(async () => {
    test = await openPostgresql();
    server = await startTlsServer(test.settings);
  });
  afterAll(async () => {
    await server.stop();
    await test.drop();
  });

  const tls = (settings: Record<string, unknown>) => ({
    ...test.settings,
    host: 'localhost',
    port: server.port,
    ...settings,
  });

  it('does not trust a certificate that it cannot verify', async () => {
    const error = await rejection(postgresql.test(tls({ tls: 'verify-full' }), unhurried()));
    expect(error).toMatchObject({ code: 'SourceRefused', message: expect.stringContaining('cannot be trusted') });
  });

  it('does not trust a certificate of another host', async () => {
    const settings = tls({ tls: 'verify-full', ca: localhostCertificate, host: '127.0.0.1' });
    const error = await rejection(postgresql.test(settings, unhurried()));
    expect(error).toMatchObject({ code: 'SourceRefused', message: expect.stringContaining('cannot be trusted') });
  });

  it('says so when a server does not offer TLS', async () => {
    const plain = await serve((socket) => socket.once('data', () => socket.end('N')));
    const error = await rejection(
      postgresql.test(tls({ tls: 'require', host: '127.0.0.1', port: plain.port }), unhurried()),
    );
    await plain.stop();
    expect(error).toMatchObject({
      code: 'SourceRefused',
      message: expect.stringContaining('does not offer TLS: check tls'),
    });
  });

  it.each([{ tls: 'require' }, { tls: 'verify-full', ca: localhostCertificate }])(
    'reads, and cancels, encrypted %#',
    async (options) => {
      const pools = createConnectionPools();
      const source = (query: string) => postgresql.openSource(tls(options), query, pools);
      expect((await readAll(source, 'SELECT 1 AS n')).rows).toEqual([['1']]);
      const controller = new AbortController();
      const reader = await source('SELECT 1 AS n FROM pg_sleep(60)').open(null, controller.signal);
      const result = rejection(reader.batches()[Symbol.asyncIterator]().next());
      await until('the database works', async () => (await test.sessions("wait_event = 'PgSleep'")) === 1);
      const before = server.secured();
      controller.abort();
      await result;
      await until(
        'the database has stopped working',
        async () => (await test.sessions("state <> 'idle'")) === 0,
        ENDED_WHEN_TOLD_MS,
      );
      await pools.close();
      expect(server.secured()).toBe(before + 1);
    },
  );
});
