import { eventually } from '@penstock/shared/testing';
import {
  changeWarehouseMode,
  claimOperation,
  deletePipeline,
  latestResolution,
  listProfiles,
  requestResolution,
  setResolutionSettings,
} from '@penstock/shared/use-cases';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startLocalWorker } from './support/local-worker.js';
import { ResolutionGate } from './support/resolution-gate.js';
import { Scenario } from './support/scenario.js';

let scenario: Scenario;
let gate: ResolutionGate;
let worker: ReturnType<typeof startLocalWorker> | undefined;

beforeAll(async () => {
  scenario = await Scenario.create();
  gate = await ResolutionGate.at(scenario.warehouse);
  await setIdentifiers(['email']);
});
afterEach(async () => {
  await gate.open();
  await stopWorker();
  await scenario.killWorkers();
});
afterAll(() => scenario.dispose());

beforeEach(async () => {
  await changeMode('Normal');
  await scenario.control.query(
    `DELETE FROM warehouse_operations; DELETE FROM runs; DELETE FROM pipelines; DELETE FROM pending_purges`,
  );
  await scenario.redis.empty();
  await scenario.source.query('TRUNCATE users');
  await scenario.warehouse.query(
    'TRUNCATE penstock_identities, penstock_changes, penstock_profiles, penstock_identity_profiles, penstock_state',
  );
});

const setIdentifiers = (identifiers: string[], runOnBatchImport = true) =>
  setResolutionSettings(scenario.deps, { workspace: scenario.workspace, identifiers, runOnBatchImport });
const changeMode = (mode: 'Normal' | 'Inspection' | 'Maintenance', cancelIncompatible = false) =>
  changeWarehouseMode(scenario.deps, { workspace: scenario.workspace, mode, cancelIncompatible, by: 'test' });
const startWorker = () => {
  worker = startLocalWorker(scenario);
};
const stopWorker = async () => {
  await worker?.stop();
  worker = undefined;
};
const request = (full = false) => requestResolution(scenario.deps, { workspace: scenario.workspace, full });
const claim = () => claimOperation(scenario.deps, { workspace: scenario.workspace, leaseMs: 60_000 });
const latest = () => latestResolution(scenario.deps, scenario.workspace);
const operations = () =>
  scenario.control.query<{ status: string; epoch: number }>(
    'SELECT status, epoch, error FROM warehouse_operations ORDER BY id',
  );
const resolved = () =>
  eventually('the resolutions have ended', async () => {
    const all = await operations();
    return all.length > 0 && all.every(({ status }) => status === 'succeeded') && (await latest());
  });
const profiles = async () => {
  const query = { orderDesc: false, first: 0, limit: 100, order: 'email' };
  const page = await listProfiles(scenario.deps, { workspace: scenario.workspace, ...query });
  return page.profiles.map(({ attributes }) => attributes.email);
};
const insert = (id: string, email: string) =>
  scenario.source.query(`INSERT INTO users (id, email, updated_at) VALUES ($1, $2, '2026-01-01')`, [id, email]);
/** Imports what the source has, and waits for the run. */
const imported = async (pipeline: number) => scenario.runIn(await scenario.start(pipeline), 'succeeded');

describe('after an import', () => {
  it('identities become profiles, if the workspace wants that', async () => {
    for (const [id, email] of [
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'a'],
    ] as const)
      await insert(id, email);
    const pipeline = await scenario.createPipeline();
    startWorker();
    await imported(pipeline);
    expect(await resolved()).toMatchObject({ resolved: 3, added: 2, profiles: 2, queued: false, error: null });
    expect(await profiles()).toEqual(['a', 'b']);
  });

  it('that changed nothing, nothing is resolved, unless the settings changed', async () => {
    await insert('1', 'a');
    const pipeline = await scenario.createPipeline();
    startWorker();
    await imported(pipeline);
    await resolved();
    await imported(pipeline);
    expect(await operations()).toHaveLength(1);
    await setIdentifiers(['email', 'country']);
    await imported(pipeline);
    await resolved();
    expect(await operations()).toHaveLength(2);
    await setIdentifiers(['email']);
  });

  it('nothing happens where the workspace does not want it', async () => {
    await insert('1', 'a');
    const pipeline = await scenario.createPipeline();
    await setIdentifiers(['email'], false);
    startWorker();
    await imported(pipeline);
    expect(await operations()).toEqual([]);
    await setIdentifiers(['email']);
  });

  it('its resolution is not lost when Redis is emptied before it begins', async () => {
    await insert('1', 'a');
    const pipeline = await scenario.createPipeline();
    await gate.close();
    startWorker();
    await imported(pipeline);
    await gate.reached();
    await insert('2', 'b');
    await imported(pipeline);
    await stopWorker();
    await scenario.redis.empty();
    await gate.open();
    startWorker();
    expect(await resolved()).toMatchObject({ profiles: 2 });
  });

  it('what a deleted pipeline imported leaves the profiles', async () => {
    await insert('1', 'a');
    const pipeline = await scenario.createPipeline();
    startWorker();
    await imported(pipeline);
    await resolved();
    expect(await profiles()).toEqual(['a']);
    await deletePipeline(scenario.deps, { workspace: scenario.workspace, pipeline });
    await eventually('a second resolution has ended', async () => (await operations()).length === 2);
    expect(await resolved()).toMatchObject({ removed: 1, profiles: 0 });
  });

  it('what a deleted pipeline imported leaves the profiles also where nothing is resolved after imports', async () => {
    await insert('1', 'a');
    const pipeline = await scenario.createPipeline();
    startWorker();
    await imported(pipeline);
    await resolved();
    await setIdentifiers(['email'], false);
    await deletePipeline(scenario.deps, { workspace: scenario.workspace, pipeline });
    await eventually('a second resolution has ended', async () => (await operations()).length === 2);
    expect(await resolved()).toMatchObject({ removed: 1, profiles: 0 });
    await setIdentifiers(['email']);
  });
});

describe('a resolution', () => {
  beforeEach(async () => {
    await insert('1', 'a');
    const pipeline = await scenario.createPipeline();
    await setIdentifiers(['email'], false);
    startWorker();
    await imported(pipeline);
    await setIdentifiers(['email']);
    await stopWorker();
  });

  it('that is asked for while one is under way begins after it', async () => {
    await gate.close();
    startWorker();
    await request();
    await gate.reached();
    const { id } = await request();
    expect((await request()).id).toBe(id);
    expect(await operations()).toMatchObject([{ status: 'running' }, { status: 'queued' }]);
    await gate.open();
    await resolved();
    expect(await operations()).toHaveLength(2);
  });

  it('of a worker that dies is taken over by another one', async () => {
    await gate.close();
    const dying = await scenario.worker();
    await request();
    await gate.reached();
    await dying.kill();
    expect(await operations()).toMatchObject([{ status: 'running', epoch: 1 }]);
    await gate.open();
    startWorker();
    expect(await resolved()).toMatchObject({ profiles: 1 });
    expect((await operations())[0]?.epoch).toBeGreaterThan(1);
  });

  it('of a worker that stands still is waited for in the warehouse, and done by another one when its session is gone', async () => {
    await gate.close();
    const frozen = await scenario.worker();
    await request();
    const session = await gate.reached();
    frozen.signal('SIGSTOP');
    await frozen.halted();
    startWorker();
    await eventually('another worker finds the warehouse busy', async () =>
      (await operations()).some(({ status, epoch }) => status === 'queued' && epoch > 1),
    );
    await scenario.warehouse.query('SELECT pg_terminate_backend($1)', [session]);
    await gate.open();
    expect(await resolved()).toMatchObject({ profiles: 1 });
    frozen.signal('SIGCONT');
    frozen.signal('SIGTERM');
    await frozen.ended();
    expect(await operations()).toMatchObject([{ status: 'succeeded' }]);
  });

  it('goes back to the queue when its worker is told to stop, and another one begins it again', async () => {
    await gate.close();
    const leaving = await scenario.worker();
    await request();
    const session = await gate.reached();
    leaving.signal('SIGTERM');
    await leaving.ended();
    expect(leaving.child.exitCode).toBe(0);
    expect(await operations()).toMatchObject([{ status: 'queued', epoch: 1, error: null }]);
    // The server notices after a while that nobody is there; until then the next attempt would find the warehouse busy.
    await gate.left(session);
    await gate.open();
    startWorker();
    expect(await resolved()).toMatchObject({ profiles: 1 });
    expect(await operations()).toMatchObject([{ status: 'succeeded', epoch: 2 }]);
  });

  it('that goes back to the queue and one that waits there are one', async () => {
    await gate.close();
    startWorker();
    await request();
    await gate.reached();
    const { id } = await request(true);
    await stopWorker();
    expect(await operations()).toMatchObject([{ status: 'queued', epoch: 1 }]);
    expect((await latest()).id).toBe(id);
    expect(await claim()).toMatchObject({ operation: id, epoch: 2, full: true });
  });

  it('is claimed by one worker when several come at once after the one before has died', async () => {
    for (let round = 0; round < 10; round += 1) {
      await scenario.control.query('DELETE FROM warehouse_operations');
      await request();
      await scenario.control.query(`UPDATE warehouse_operations SET status = 'running', epoch = 1, start_time = now()`);
      await request();
      const claims = await Promise.all(Array.from({ length: 8 }, claim));
      expect(claims.filter((claimed) => claimed !== undefined)).toMatchObject([{ epoch: 2 }]);
    }
  });

  it('resolves those that changed, and everybody where that is asked for', async () => {
    startWorker();
    await request();
    expect(await resolved()).toMatchObject({ resolved: 1, profiles: 1 });
    await request();
    await eventually('two have ended', async () => (await operations()).length === 2 && (await latest()).endTime);
    expect(await latest()).toMatchObject({ resolved: 0 });
    await scenario.warehouse.query('UPDATE penstock_identities SET email = $1', ['b']);
    const { id } = await request(true);
    await eventually('it has ended', async () => (await latest()).endTime);
    expect(await latest()).toMatchObject({ id, resolved: 1, changed: 1, profiles: 1 });
    expect(await profiles()).toEqual(['b']);
  });

  it('that is put off for a change of the mode is not begun again when its worker has died', async () => {
    await gate.close();
    const dying = await scenario.worker();
    await request();
    await gate.reached();
    dying.signal('SIGSTOP');
    await dying.halted();
    await changeMode('Inspection', true);
    await dying.kill();
    await gate.open();
    startWorker();
    await eventually('the mode has changed', async () => !(await isPending()));
    expect(await operations()).toMatchObject([{ status: 'queued', epoch: 2 }]);
    await changeMode('Normal');
    await resolved();
  });

  it('of a worker that died does not hold a change of the mode for ever', async () => {
    await gate.close();
    const dying = await scenario.worker();
    await request();
    await gate.reached();
    await dying.kill();
    expect(await changeMode('Maintenance')).toEqual({ pending: true });
    await gate.open();
    startWorker();
    await eventually('the mode has changed', async () => !(await isPending()));
    await changeMode('Normal');
    await resolved();
  });

  it('waits for the mode to be Normal again', async () => {
    await request();
    await changeMode('Maintenance');
    startWorker();
    await changeMode('Inspection');
    expect(await operations()).toMatchObject([{ status: 'queued', epoch: 0 }]);
    await changeMode('Normal');
    await resolved();
  });

  it('that is under way is ended before the mode changes', async () => {
    await gate.close();
    startWorker();
    await request();
    await gate.reached();
    expect(await changeMode('Inspection')).toEqual({ pending: true });
    await gate.open();
    await eventually('the mode has changed', async () => !(await isPending()));
    expect(await operations()).toMatchObject([{ status: 'succeeded' }]);
  });

  it('that is under way is put off for a change of the mode when that is asked for', async () => {
    await gate.close();
    startWorker();
    await request();
    await gate.reached();
    await changeMode('Inspection', true);
    await eventually('the mode has changed', async () => !(await isPending()));
    expect(await operations()).toMatchObject([{ status: 'queued', epoch: 1 }]);
    await gate.open();
    await changeMode('Normal');
    await resolved();
  });

  it('that fails says why, and is tried again', async () => {
    await scenario.warehouse.query('ALTER TABLE penstock_workspace RENAME TO elsewhere');
    startWorker();
    await request();
    await eventually('it has failed', async () => (await latest()).error);
    expect(await latest()).toMatchObject({ queued: true, endTime: null });
    await scenario.warehouse.query('ALTER TABLE elsewhere RENAME TO penstock_workspace');
    await request();
    expect(await resolved()).toMatchObject({ error: null, profiles: 1 });
  });

  it('is kept with the last hundred only', async () => {
    await scenario.control.query(
      `INSERT INTO warehouse_operations (workspace_id, kind, status, start_time, end_time)
       SELECT $1, 'resolution', 'succeeded', now(), now() FROM generate_series(1, 150)`,
      [scenario.workspace],
    );
    startWorker();
    await request();
    await resolved();
    expect(await operations()).toHaveLength(100);
  });
});

async function isPending(): Promise<boolean> {
  const [row] = await scenario.control.query<{ pending: boolean }>(
    'SELECT pending_mode IS NOT NULL AS pending FROM workspaces',
  );
  return row?.pending === true;
}
