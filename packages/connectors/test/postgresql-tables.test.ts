import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresql, type PostgresqlTest, postgresql } from './open-postgresql.js';
import { readAll, rejection, unhurried } from './read-source.js';
import { until } from './until.js';

const USER = `penstock_test_tables_${process.pid}`;

const SETUP = `
CREATE TABLE users (id int);
CREATE TABLE "Order" (id int);
CREATE TABLE "select" (id int);
CREATE TABLE "odd "" name" (id int);
CREATE TABLE events (id int) PARTITION BY RANGE (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (2);
CREATE VIEW people AS SELECT * FROM users;
CREATE MATERIALIZED VIEW counts AS SELECT count(*) AS n FROM users;
CREATE SEQUENCE tickets;
CREATE INDEX users_id ON users (id);
CREATE SCHEMA crm;
CREATE TABLE crm.leads (id int);
CREATE SCHEMA "CRM 2";
CREATE TABLE "CRM 2"."Leads" (id int);
CREATE TABLE secret (id int);
CREATE TABLE partly (id int, secret int);
CREATE SCHEMA closed;
CREATE TABLE closed.hidden (id int);`;

const OWN = ['"Order"', 'counts', 'events', '"odd "" name"', 'partly', 'people', '"select"', 'users'];

describe('tables of postgresql', () => {
  let test: PostgresqlTest;
  beforeAll(async () => {
    test = await openPostgresql();
    await test.execute(SETUP);
    await test.execute(`CREATE ROLE ${USER} LOGIN PASSWORD '${test.settings.password}'`);
    await test.execute(`GRANT SELECT ON ALL TABLES IN SCHEMA public, crm, "CRM 2", closed TO ${USER}`);
    await test.execute(`GRANT USAGE ON SCHEMA crm, "CRM 2" TO ${USER}`);
    await test.execute(`REVOKE ALL ON secret, partly FROM ${USER}; GRANT SELECT (id) ON partly TO ${USER}`);
  });
  afterAll(async () => {
    await test.execute(`DROP OWNED BY ${USER}; DROP ROLE ${USER}`);
    await test.drop();
  });

  const settings = (schema: string) => ({ ...test.settings, username: USER, schema });
  const tables = (schema: string) => postgresql.tables(settings(schema), unhurried());

  it('are those that the user may read, the ones of the schema first', async () => {
    const names = (await tables('public')).map(({ name }) => name);
    expect(names.slice(0, OWN.length).toSorted()).toEqual(OWN.toSorted());
    expect(names.slice(OWN.length)).toEqual(['"CRM 2"."Leads"', 'crm.leads']);
  });

  it('are named as the schema of the settings finds them', async () => {
    const names = (await tables('CRM 2')).map(({ name }) => name);
    expect(names[0]).toBe('"Leads"');
    expect(names).toContain('public.users');
    expect(names).toContain('public."Order"');
  });

  it('can be read by these names', async () => {
    for (const { name } of await tables('public')) {
      const column = name === 'partly' ? 'id' : '*';
      const source = (query: string) => postgresql.openSource(settings('public'), query, test.pools);
      const { columns } = await readAll(source, `SELECT ${column} FROM ${name}`);
      expect(columns, name).toHaveLength(1);
    }
  });

  it('are told from views', async () => {
    const views = (await tables('public')).filter(({ type }) => type === 'view').map(({ name }) => name);
    expect(views).toEqual(['counts', 'people']);
  });

  it('cannot be listed with settings that are wrong, and leave no session behind', async () => {
    const wrong = { ...test.settings, database: 'no such database' };
    expect(await rejection(postgresql.tables(wrong, unhurried()))).toMatchObject({ code: 'SourceRefused' });
    await test.pools.close();
    await until('the sessions are gone', async () => (await test.sessions()) === 0);
  });
});
