import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scenario } from './support/scenario.js';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.create();
  await scenario.worker();
});
afterAll(() => scenario.dispose());

const IN_SCHEMA = {
  kind: 'object',
  properties: [
    { name: 'id', type: { kind: 'string' }, nullable: true, description: '' },
    { name: 'email', type: { kind: 'string' }, nullable: true, description: '' },
    { name: 'changed', type: { kind: 'string' }, nullable: true, description: '' },
  ],
};

/** A pipeline whose update times are texts that PostgreSQL writes with `template`. */
function createPipeline(template: string, updatedAtFormat: string): Promise<number> {
  const users = `SELECT id, email, to_char(updated_at AT TIME ZONE 'UTC', '${template}') AS changed FROM users`;
  return scenario.createPipeline({
    incremental: true,
    cursorOverlapMs: 0,
    definition: {
      query: `SELECT * FROM (${users}) AS u WHERE changed >= \${updated_at} OR \${updated_at} IS NULL`,
      updatedAtColumn: 'changed',
      updatedAtFormat,
      inSchema: IN_SCHEMA,
      transformation: { mapping: { email: 'email' } },
    },
  });
}

describe('an incremental import whose update times are text', () => {
  it.each([
    ['YYYY-MM-DD"T"HH24:MI:SS.US"Z"', 'ISO8601'],
    ['YYYY/MM/DD HH24:MI:SS', '%Y/%m/%d %T'],
    [`YYYYMMDD"it''s "HH24MISS.MS`, "%Y%m%dit's %H%M%S.%f"],
  ])('written as %s reads them as %s, and from the cursor on', async (template, format) => {
    await scenario.source.query('TRUNCATE users');
    await scenario.createUsers(5, { bad: false });
    const pipeline = await createPipeline(template, format);
    expect(await scenario.runIn(await scenario.start(pipeline))).toMatchObject({ status: 'succeeded', added: 5 });
    const [row] = await scenario.control.query('SELECT cursor FROM pipelines WHERE id = $1', [pipeline]);
    expect(row).toEqual({ cursor: '2026-01-01 00:00:05' });
    await scenario.source.query(`INSERT INTO users (id, updated_at) VALUES ('new', '2026-01-01 00:00:06.5+00')`);
    const second = await scenario.runIn(await scenario.start(pipeline));
    expect(second).toMatchObject({ passed: [2, 2, 0, 2, 2, 2], added: 1, unchanged: 1, removed: 0 });
  });

  it('fails the records whose text is in another format', async () => {
    await scenario.source.query('TRUNCATE users');
    await scenario.createUsers(3, { bad: false });
    const run = await scenario.runIn(await scenario.start(await createPipeline('DD.MM.YYYY', '%Y-%m-%d')));
    expect(run).toMatchObject({ status: 'succeeded', failed: [3, 0, 0, 0, 0, 0] });
  });
});
