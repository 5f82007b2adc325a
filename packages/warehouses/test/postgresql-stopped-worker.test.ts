import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CONNECTION, effectOf, PIPELINE, people, WORKSPACE } from './support/people.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  type TestDatabase,
  waitUntil,
} from './support/test-database.js';
import { TestWarehouse } from './support/test-warehouse.js';

const FIRST = { pipeline: PIPELINE, run: 2, epoch: 1 };
const SCRIPT = fileURLToPath(new URL('./support/stopped-worker.ts', import.meta.url));

describe('a worker process that is stopped', () => {
  let database: TestDatabase;
  let underTest: PostgresqlUnderTest;
  let worker: ChildProcess;

  beforeAll(async () => {
    database = await createTestDatabase();
    underTest = postgresqlUnderTest(database);
  });

  afterEach(() => worker.kill('SIGKILL'));

  afterAll(async () => {
    await underTest.close();
    await database.close();
  });

  /** Resolves when the worker has said a line. */
  async function said(): Promise<string> {
    if (worker.stdout === null) return '';
    const [line] = await once(worker.stdout, 'data');
    return String(line).trim();
  }

  async function startWorker(): Promise<TestWarehouse> {
    const warehouse = await TestWarehouse.create(underTest.platform, await underTest.newPlace());
    await warehouse.import({ run: 1, rows: people(1, 3) });
    const target = { ...FIRST, workspace: WORKSPACE, connection: CONNECTION };
    const order = JSON.stringify({ settings: warehouse.settings, target, count: 40_000 });
    worker = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', SCRIPT, order], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    expect(await said()).toBe('staged');
    return warehouse;
  }

  /** Whether the session of the worker has answered, and waits in its transaction for the worker to go on. */
  async function isInTransaction(): Promise<boolean> {
    const { rowCount } = await database.client.query(
      `SELECT 1 FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = $1 AND state = 'idle in transaction'`,
      [`penstock ${FIRST.run}:${FIRST.epoch}`],
    );
    return rowCount === 1;
  }

  it('while it stages is overtaken, and finds out when it wakes up', async () => {
    const warehouse = await startWorker();
    worker.kill('SIGSTOP');
    const receipt = await warehouse.import({ run: 2, epoch: 2, rows: people(1, 5) });
    expect(effectOf(receipt)).toMatchObject({ added: 2, unchanged: 3 });
    worker.kill('SIGCONT');
    worker.stdin?.write('publish\n');
    expect(await said()).toBe('FenceLostError');
    expect(await warehouse.userIds()).toHaveLength(5);
  });

  it('while its transaction holds the fence is overtaken without waiting for a timeout', async () => {
    const warehouse = await startWorker();
    const held = await underTest.holdPublish(warehouse.settings, FIRST);
    worker.stdin?.write('publish\n');
    await held.reached();
    worker.kill('SIGSTOP');
    await held.release();
    await waitUntil(isInTransaction);
    const startedAt = Date.now();
    const receipt = await warehouse.import({ run: 2, epoch: 2, rows: people(1, 5) });
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(effectOf(receipt)).toMatchObject({ added: 2, unchanged: 3 });
    worker.kill('SIGCONT');
    expect(await said()).toBe('FenceLostError');
    expect(await warehouse.userIds()).toHaveLength(5);
    expect(await underTest.leftovers(warehouse.settings)).toEqual([]);
  });
});
