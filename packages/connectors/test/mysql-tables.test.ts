import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeMysql, type MysqlTest, mysql, openMysql } from './open-mysql.js';
import { readAll, unhurried } from './read-source.js';
import { until } from './until.js';

const SETUP = [
  'CREATE TABLE users (id int)',
  'CREATE TABLE `order` (id int)',
  'CREATE TABLE `Odd ``name``` (id int)',
  'CREATE TABLE `9` (id int)',
  'CREATE TABLE `größe` (id int)',
  'CREATE TABLE _log$ (id int)',
  'CREATE VIEW people AS SELECT * FROM users',
  'CREATE SEQUENCE tickets',
];

describeMysql('tables of mysql', () => {
  let test: MysqlTest;
  beforeAll(async () => {
    test = await openMysql();
    for (const statement of SETUP) await test.execute(statement);
  });
  afterAll(() => test.drop());

  const tables = () => mysql.tables(test.settings, unhurried());

  it('are those of the database, as a query names them', async () => {
    const names = (await tables()).map(({ name }) => name);
    expect(names.toSorted()).toEqual(
      ['users', '`order`', '`Odd ``name```', '`9`', '`größe`', '`_log$`', 'people'].toSorted(),
    );
  });

  it('can be read by these names', async () => {
    for (const { name } of await tables()) {
      const { columns } = await readAll(test.source, `SELECT * FROM ${name}`);
      expect(columns, name).toHaveLength(1);
    }
  });

  it('are told from views', async () => {
    const views = (await tables()).filter(({ type }) => type === 'view');
    expect(views).toEqual([{ name: 'people', type: 'view' }]);
  });

  it('leave no session behind', async () => {
    await tables();
    await test.pools.close();
    await until('the sessions are gone', async () => (await test.sessions()) === 0);
  });
});
