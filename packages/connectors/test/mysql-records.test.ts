import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeMysql, type MysqlTest, openMysql } from './open-mysql.js';
import { readAll, rejection, unhurried } from './read-source.js';

/** Around the lengths at which the protocol writes lengths in another way, and at which texts are decoded in another way. */
const LENGTHS = [0, 1, 63, 64, 65, 127, 128, 250, 251, 252, 255, 256, 65_535, 65_536, 70_000];

/** The server sends what it has when it is more than 16 KiB. */
const SLOW = "SELECT seq AS n, SLEEP(0.4) AS s, REPEAT('x', 20000) AS t FROM seq_1_to_8";

describeMysql('records of mysql', () => {
  let test: MysqlTest;
  beforeAll(async () => {
    test = await openMysql();
  });
  afterAll(() => test.drop());

  it.each(['x', 'é', '日', '👩'])('have texts of %s of any length, between others', async (character) => {
    const texts = LENGTHS.map((length) => `REPEAT('${character}', ${length}) AS t${length}, ${length} AS n${length}`);
    const { rows } = await readAll(test.source, `SELECT ${texts.join(', ')}`);
    expect(rows).toEqual([LENGTHS.flatMap((length) => [character.repeat(length), length])]);
  });

  it('fail alone when they are larger than 16 MiB, and are not held', async () => {
    const bytes = 9 * 1024 * 1024;
    const part = (character: string) => `IF(seq = 2, REPEAT('${character}', ${bytes}), 'small')`;
    const query = `SELECT seq AS n, ${part('x')} AS a, ${part('y')} AS b FROM seq_1_to_3`;
    const reader = await test.source(query).open(null, unhurried());
    const rows: unknown[] = [];
    const unreadable: unknown[] = [];
    for await (const batch of reader.batches()) {
      rows.push(...batch.rows);
      unreadable.push(...batch.unreadable);
    }
    expect(rows).toEqual([
      ['1', 'small', 'small'],
      ['3', 'small', 'small'],
    ]);
    expect(unreadable).toEqual([
      { step: 'Receive', code: 'RecordTooLarge', message: 'record is larger than 16 MiB', key: null },
    ]);
  });

  it('are delivered when the source is slow, so that progress can be seen', async () => {
    const reader = await test.source(SLOW).open(null, unhurried());
    const sizes: number[] = [];
    for await (const { rows } of reader.batches()) sizes.push(rows.length);
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(8);
  });

  it('are refused, for another try, when the columns are others than those that were announced', async () => {
    await test.execute('CREATE TABLE changing (a int); INSERT INTO changing VALUES (1)');
    const reader = await test.source('SELECT * FROM changing').open(null, unhurried());
    await test.execute('SET lock_wait_timeout = 5; ALTER TABLE changing MODIFY a varchar(10)');
    expect(await rejection(readFirst(reader))).toMatchObject({ code: 'SourceUnavailable', retryable: true });
  });

  it('of user variables have the types that were announced', async () => {
    const query = "SELECT @n := @n + 1 AS n, @s AS s FROM (SELECT @n := 0, @s := 'a') q, seq_1_to_3";
    const { rows } = await readAll(test.source, query);
    expect(rows).toHaveLength(3);
  });
});

async function readFirst(reader: Awaited<ReturnType<ReturnType<MysqlTest['source']>['open']>>): Promise<void> {
  for await (const _ of reader.batches());
}
