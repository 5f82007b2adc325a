import { randomBytes } from 'node:crypto';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scenario } from './support/scenario.js';

const { TEST_MYSQL_URL: url, TEST_MYSQL_MISSING: reason = 'TEST_MYSQL_URL names no server' } = process.env;

describe.skipIf(url === undefined)(
  `an import from MySQL${url === undefined ? ` (there is none: ${reason})` : ''}`,
  () => {
    const database = `penstock_${randomBytes(6).toString('hex')}`;
    let scenario: Scenario;
    let server: mysql.Connection;
    let connection: number;

    beforeAll(async () => {
      scenario = await Scenario.create();
      await scenario.worker();
      const { hostname, port, username, password } = new URL(url ?? '');
      server = await mysql.createConnection(url ?? '');
      await server.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
      await server.query(`USE ${database}`);
      await server.query(
        'CREATE TABLE users (id bigint unsigned PRIMARY KEY, email varchar(100), at datetime(6) NOT NULL)',
      );
      connection = await scenario.createConnection('mysql', {
        ...{ host: hostname, port: Number(port), username, password: decodeURIComponent(password), database },
      });
    });
    afterAll(async () => {
      await server.query(`DROP DATABASE ${database}`);
      await server.end();
      await scenario.dispose();
    });

    const property = (name: string, type: object, flags: object = {}) => ({ name, type, ...flags, description: '' });
    const create = (incremental: boolean) =>
      scenario.createPipeline({
        ...{ connection, incremental, cursorOverlapMs: 0, maxRemovedShare: 1 },
        definition: {
          query: 'SELECT id, email, at FROM users WHERE at >= ${updated_at} OR ${updated_at} IS NULL',
          updatedAtColumn: 'at',
          inSchema: {
            kind: 'object',
            properties: [
              property('id', { kind: 'int', bitSize: 64, unsigned: true }, { nullable: true }),
              property('email', { kind: 'string', maxLength: 100 }, { nullable: true }),
              property('at', { kind: 'datetime' }, { nullable: true }),
            ],
          },
          transformation: { mapping: { email: 'email' } },
        },
      });
    const runOnce = async (pipeline: number) => scenario.runIn(await scenario.start(pipeline));

    it('in full imports everybody, and removes who is gone', async () => {
      await server.query(
        `REPLACE INTO users VALUES (18446744073709551615, 'a@x.org', '2026-01-01 10:00:00.123456'), (2, NULL, '2026-01-02')`,
      );
      const pipeline = await create(false);
      expect(await runOnce(pipeline)).toMatchObject({ added: 2, passed: [2, 2, 0, 2, 2, 2] });
      expect(await scenario.identities(pipeline)).toMatchObject([
        { _user_id: '18446744073709551615', email: 'a@x.org', _updated_at: '2026-01-01 10:00:00.123456' },
        { _user_id: '2', email: null, _updated_at: '2026-01-02 00:00:00' },
      ]);
      await server.query('DELETE FROM users WHERE id = 2');
      expect(await runOnce(pipeline)).toMatchObject({ removed: 1, unchanged: 1 });
    });

    it('from the cursor on imports what has changed since, and removes nobody', async () => {
      await server.query(
        `REPLACE INTO users VALUES (1, 'a@x.org', '2026-01-01'), (2, 'b@x.org', '2026-01-02 00:00:00.5')`,
      );
      const pipeline = await create(true);
      const first = await runOnce(pipeline);
      await server.query(`DELETE FROM users WHERE id = 1`);
      await server.query(`REPLACE INTO users VALUES (3, 'c@x.org', '2026-01-03')`);
      expect(await runOnce(pipeline)).toMatchObject({ added: 1, unchanged: 1, removed: 0, passed: [2, 2, 0, 2, 2, 2] });
      expect(first.status).toBe('succeeded');
      expect((await scenario.identities(pipeline)).map(({ _user_id }) => _user_id)).toContain('1');
    });

    it('ends with an error that names the column when its type has changed, and changes nothing', async () => {
      const pipeline = await create(false);
      await runOnce(pipeline);
      await server.query('ALTER TABLE users MODIFY email text');
      expect(await runOnce(pipeline)).toMatchObject({
        ...{
          status: 'failed',
          errorCode: 'SchemaDrift',
          errorMessage: expect.stringMatching(/column "email" has type/),
        },
      });
      await server.query('ALTER TABLE users MODIFY email varchar(100)');
    });
  },
);
