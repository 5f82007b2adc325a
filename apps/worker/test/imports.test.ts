import { eventually } from '@penstock/shared/testing';
import { cancelRun, deletePipeline, retryRun } from '@penstock/shared/use-cases';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Scenario } from './support/scenario.js';
import { SourceGate } from './support/source-gate.js';

let scenario: Scenario;
let gate: SourceGate;

beforeAll(async () => {
  scenario = await Scenario.create();
  await scenario.worker();
  gate = new SourceGate(scenario.source);
});
afterEach(() => gate.open());
beforeEach(() => scenario.source.query('TRUNCATE users'));
afterAll(() => scenario.dispose());

/** Runs a pipeline to its end. */
async function runOnce(pipeline: number, options: Parameters<Scenario['start']>[1] = {}) {
  return scenario.runIn(await scenario.start(pipeline, options));
}

async function ids(pipeline: number): Promise<unknown[]> {
  return (await scenario.identities(pipeline)).map((identity) => identity._user_id);
}

async function cursorOf(pipeline: number): Promise<string | null | undefined> {
  const [row] = await scenario.control.query<{ cursor: string | null }>('SELECT cursor FROM pipelines WHERE id = $1', [
    pipeline,
  ]);
  return row?.cursor;
}

describe('a full import', () => {
  it('adds, changes, leaves alone and removes, and rewrites no row that did not change', async () => {
    await scenario.createUsers(10, { bad: false });
    const pipeline = await scenario.createPipeline();
    expect(await runOnce(pipeline)).toMatchObject({
      status: 'succeeded',
      added: 10,
      changed: 0,
      unchanged: 0,
      removed: 0,
    });
    const untouched = () =>
      scenario.warehouse.query(`SELECT ctid, xmin FROM penstock_identities WHERE _user_id = 'u5' AND _pipeline = $1`, [
        pipeline,
      ]);
    const before = await untouched();
    await scenario.source.query(`DELETE FROM users WHERE id = 'u1'`);
    await scenario.source.query(`UPDATE users SET email = NULL WHERE id = 'u2'`);
    await scenario.source.query(
      `INSERT INTO users VALUES ('u11', 'x@y.z', 'IT', '2020-01-01', '1.00', 1, '2026-01-01')`,
    );
    expect(await runOnce(pipeline)).toMatchObject({ added: 1, changed: 1, unchanged: 8, removed: 1 });
    expect(await untouched()).toEqual(before);
    expect(await runOnce(pipeline)).toMatchObject({ added: 0, changed: 0, unchanged: 10, removed: 0 });
  });

  it('keeps the identity of a record that failed, at whatever step, and removes only what the source no longer has', async () => {
    await scenario.createUsers(6, { bad: false });
    const pipeline = await scenario.createPipeline();
    await runOnce(pipeline);
    await scenario.source.query(`UPDATE users SET value = 'n/a' WHERE id = 'u1'`);
    await scenario.source.query(`UPDATE users SET updated_at = now() + interval '1 day' WHERE id = 'u2'`);
    await scenario.source.query(`UPDATE users SET country = 'ITA' WHERE id = 'u3'`);
    await scenario.source.query(`DELETE FROM users WHERE id = 'u4'`);
    expect(await runOnce(pipeline)).toMatchObject({
      status: 'succeeded',
      passed: [4, 4, 0, 4, 2, 2],
      failed: [1, 0, 0, 0, 2, 0],
      removed: 1,
      unchanged: 2,
      errorMessage: null,
    });
    expect(await ids(pipeline)).toEqual(['u1', 'u2', 'u3', 'u5', 'u6']);
  });

  it('removes nothing when a failed record has no identifier, and says so', async () => {
    await scenario.createUsers(6, { bad: false });
    const pipeline = await scenario.createPipeline();
    await runOnce(pipeline);
    await scenario.source.query(`DELETE FROM users WHERE id = 'u1'`);
    await scenario.source.query(`UPDATE users SET id = NULL WHERE id = 'u2'`);
    const run = await runOnce(pipeline);
    expect(run).toMatchObject({ status: 'succeeded', removed: 0, failed: [1, 0, 0, 0, 0, 0] });
    expect(run.notice).toContain('no identity was removed');
    expect(await ids(pipeline)).toHaveLength(6);
  });

  it('lets the greatest update time win among records with one identifier, then the last read, in first and later imports', async () => {
    await scenario.source.query(`INSERT INTO users (id, email, updated_at) VALUES
      ('a', 'old', '2026-01-01'), ('a', 'newest', '2026-01-03'), ('a', 'middle', '2026-01-02'),
      ('b', 'first', '2026-01-01'), ('b', 'last', '2026-01-01')`);
    const pipeline = await scenario.createPipeline();
    expect(await runOnce(pipeline)).toMatchObject({ passed: [5, 5, 0, 5, 5, 5], merged: 3, added: 2 });
    const emails = async () => (await scenario.identities(pipeline)).map(({ email }) => email);
    expect(await emails()).toEqual(['newest', 'last']);
    expect(await runOnce(pipeline)).toMatchObject({ merged: 3, unchanged: 2, changed: 0 });
    await scenario.source.query(
      `INSERT INTO users (id, email, updated_at) VALUES ('a', 'again', '2026-01-04'), ('c', '1', '2026-01-01'), ('c', '2', '2026-01-01')`,
    );
    expect(await runOnce(pipeline)).toMatchObject({ merged: 5, unchanged: 1, changed: 1, added: 1 });
    expect(await emails()).toEqual(['again', 'last', '2']);
  });

  it('refuses identifiers of more than 1,024 bytes at Receive and takes those of 1,024', async () => {
    await scenario.source.query(
      `INSERT INTO users (id, updated_at) VALUES (repeat('é', 512), '2026-01-01'), (repeat('é', 513), '2026-01-01'), ('', '2026-01-01')`,
    );
    expect(await runOnce(await scenario.createPipeline())).toMatchObject({
      passed: [1, 1, 0, 1, 1, 1],
      failed: [2, 0, 0, 0, 0, 0],
    });
  });

  it('counts update times that are missing, before 1900 or in the future as failed at Receive', async () => {
    await scenario.source.query(`INSERT INTO users (id, updated_at) VALUES ('a', NULL), ('b', '1899-12-31'), ('c', now() + interval '6 minutes'),
      ('d', now() + interval '4 minutes'), ('e', 'infinity'), ('f', '1900-01-01')`);
    const pipeline = await scenario.createPipeline();
    expect(await runOnce(pipeline)).toMatchObject({ passed: [2, 2, 0, 2, 2, 2], failed: [4, 0, 0, 0, 0, 0] });
    expect(await ids(pipeline)).toEqual(['d', 'f']);
  });

  it('groups what failed with its step, message and a few identifiers, and never with its values', async () => {
    await scenario.createUsers(300);
    const run = await runOnce(await scenario.createPipeline());
    const groups = await scenario.control.query(
      'SELECT step, count::int, keys, message FROM run_error_groups WHERE run_id = $1',
      [run.id],
    );
    expect(groups).toMatchObject([{ step: 'OutputValidation', count: 3, keys: ['u100', 'u200', 'u300'] }]);
    expect(JSON.stringify(groups)).not.toContain('n/a');
  });

  it('of a query that returns nothing succeeds where nothing was imported before', async () => {
    expect(await runOnce(await scenario.createPipeline())).toMatchObject({
      status: 'succeeded',
      passed: [0, 0, 0, 0, 0, 0],
      added: 0,
      removed: 0,
    });
  });
});

describe('the delete brake', () => {
  it('holds an import that would remove more than 30% and more than 100, with the numbers, and changes nothing', async () => {
    await scenario.createUsers(400, { bad: false });
    const pipeline = await scenario.createPipeline();
    await runOnce(pipeline);
    await scenario.source.query(`DELETE FROM users WHERE substr(id, 2)::int > 270`);
    const braked = await runOnce(pipeline);
    expect(braked).toMatchObject({ status: 'failed', errorCode: 'DeleteBrake', errorStep: 'Finalize', removed: null });
    expect(braked.errorMessage).toMatch(/130.*400.*maxRemovedShare.*allowRemoval/s);
    expect(await ids(pipeline)).toHaveLength(400);

    const { id } = await retryRun(scenario.deps, {
      workspace: scenario.workspace,
      run: braked.id,
      allowRemoval: true,
      requestedBy: 1,
    });
    expect(await scenario.runIn(id)).toMatchObject({ status: 'succeeded', removed: 130 });
    expect(await ids(pipeline)).toHaveLength(270);
  });

  it('holds the removal of everything because the source returned nothing', async () => {
    await scenario.createUsers(3, { bad: false });
    const pipeline = await scenario.createPipeline();
    await runOnce(pipeline);
    await scenario.source.query('TRUNCATE users');
    expect(await runOnce(pipeline)).toMatchObject({ status: 'failed', errorCode: 'DeleteBrake' });
    expect(await ids(pipeline)).toHaveLength(3);
  });

  it('obeys the share of the pipeline', async () => {
    await scenario.createUsers(400, { bad: false });
    const pipeline = await scenario.createPipeline({ maxRemovedShare: 1 });
    await runOnce(pipeline);
    await scenario.source.query('TRUNCATE users');
    expect(await runOnce(pipeline)).toMatchObject({ status: 'succeeded', removed: 400 });
  });
});

describe('an incremental import', () => {
  const incremental = { incremental: true, cursorOverlapMs: 0 };

  it('reads from the cursor, inclusive: ties and rows read again change nothing, and nothing is removed', async () => {
    await scenario.createUsers(5, { bad: false });
    const pipeline = await scenario.createPipeline(incremental);
    expect(await runOnce(pipeline)).toMatchObject({ passed: [5, 5, 0, 5, 5, 5], added: 5 });
    expect(await cursorOf(pipeline)).toBe('2026-01-01 00:00:05');
    await scenario.source.query(`INSERT INTO users (id, updated_at) VALUES ('tie', '2026-01-01 00:00:05+00')`);
    await scenario.source.query(`DELETE FROM users WHERE id = 'u1'`);
    expect(await runOnce(pipeline)).toMatchObject({ passed: [2, 2, 0, 2, 2, 2], added: 1, unchanged: 1, removed: 0 });
    expect(await ids(pipeline)).toHaveLength(6);
  });

  it('keeps microseconds in the cursor', async () => {
    await scenario.source.query(
      `INSERT INTO users (id, updated_at) VALUES ('a', '2026-01-01 00:00:00.123456+00'), ('b', '2026-01-01 00:00:00.123455+00')`,
    );
    const pipeline = await scenario.createPipeline(incremental);
    await runOnce(pipeline);
    expect(await cursorOf(pipeline)).toBe('2026-01-01 00:00:00.123456');
    expect(await runOnce(pipeline)).toMatchObject({ passed: [1, 1, 0, 1, 1, 1] });
  });

  it('reads an overlap below the cursor again, because transactions commit later than the time they wrote', async () => {
    await scenario.createUsers(5, { bad: false });
    const pipeline = await scenario.createPipeline({ incremental: true, cursorOverlapMs: 2_000 });
    await runOnce(pipeline);
    await scenario.source.query(
      `INSERT INTO users (id, updated_at) VALUES ('late', '2026-01-01 00:00:04+00'), ('too late', '2026-01-01 00:00:02+00')`,
    );
    expect(await runOnce(pipeline)).toMatchObject({ passed: [4, 4, 0, 4, 4, 4], added: 1, unchanged: 3 });
  });

  it('keeps its cursor when every record fails', async () => {
    await scenario.createUsers(5, { bad: false });
    const pipeline = await scenario.createPipeline(incremental);
    await runOnce(pipeline);
    const before = await cursorOf(pipeline);
    await scenario.source.query(`UPDATE users SET updated_at = NULL`);
    await scenario.source.query(`ALTER TABLE users ADD COLUMN always boolean DEFAULT true`);
    await scenario.control.query(
      `UPDATE pipeline_versions SET definition = jsonb_set(definition, '{query}', $2) WHERE pipeline_id = $1`,
      [pipeline, JSON.stringify('SELECT * FROM users WHERE always OR ${updated_at} IS NULL')],
    );
    expect(await runOnce(pipeline)).toMatchObject({ status: 'succeeded', failed: [5, 0, 0, 0, 0, 0], removed: 0 });
    expect(await cursorOf(pipeline)).toBe(before);
    await scenario.source.query(`ALTER TABLE users DROP COLUMN always`);
  });

  it('moves its cursor past records whose transformation failed, and never back', async () => {
    await scenario.createUsers(5, { bad: false });
    const pipeline = await scenario.createPipeline(incremental);
    await scenario.source.query(`UPDATE users SET value = 'n/a' WHERE id = 'u5'`);
    await runOnce(pipeline);
    expect(await cursorOf(pipeline)).toBe('2026-01-01 00:00:05');
    await scenario.source.query(`DELETE FROM users WHERE id <> 'u1'`);
    expect(await runOnce(pipeline, { incremental: false })).toMatchObject({ status: 'succeeded', removed: 3 });
    expect(await cursorOf(pipeline)).toBe('2026-01-01 00:00:05');
  });

  it('does not move the cursor when what the pipeline imports was changed during the run', async () => {
    await scenario.createUsers(5, { bad: false });
    const pipeline = await scenario.createPipeline(incremental);
    const run = await scenario.start(pipeline);
    await scenario.control.query(
      'INSERT INTO pipeline_versions SELECT pipeline_id, 2, definition FROM pipeline_versions WHERE pipeline_id = $1',
      [pipeline],
    );
    await scenario.control.query('UPDATE pipelines SET version = 2, cursor = NULL WHERE id = $1', [pipeline]);
    await scenario.runIn(run, 'succeeded');
    expect(await cursorOf(pipeline)).toBeNull();
  });

  it('does not move the cursor when the run fails or is cancelled', async () => {
    await scenario.createUsers(5, { bad: false });
    const pipeline = await scenario.createPipeline({
      ...incremental,
      definition: { query: 'SELECT * FROM users WHERE 1 / (logins - 5) < 100' },
    });
    expect(await runOnce(pipeline)).toMatchObject({ status: 'failed', errorCode: 'SourceRefused' });
    expect(await cursorOf(pipeline)).toBeNull();
  });

  it('reads everything when it is asked to, and removes then', async () => {
    await scenario.createUsers(5, { bad: false });
    const pipeline = await scenario.createPipeline(incremental);
    await runOnce(pipeline);
    await scenario.source.query(`DELETE FROM users WHERE id = 'u1'`);
    expect(await runOnce(pipeline, { incremental: false })).toMatchObject({
      passed: [4, 4, 0, 4, 4, 4],
      removed: 1,
      incremental: false,
    });
  });
});

describe('drift', () => {
  it.each([
    [
      'a column that is gone',
      'ALTER TABLE users DROP COLUMN logins',
      'ALTER TABLE users ADD COLUMN logins integer',
      /"logins"/,
    ],
    [
      'a column of another type',
      'ALTER TABLE users ALTER COLUMN logins TYPE text',
      'ALTER TABLE users ALTER COLUMN logins TYPE integer USING logins::integer',
      /"logins" has type string, but .* int\(32\)/,
    ],
    [
      'several columns, one of them with another parameter only',
      'ALTER TABLE users ALTER COLUMN country TYPE varchar(10), DROP COLUMN email',
      'ALTER TABLE users ALTER COLUMN country TYPE text, ADD COLUMN email text',
      /no longer has the column "email"; .*"country" has type {"kind":"string","maxLength":10}, but .* {"kind":"string"}/,
    ],
  ])(
    'of the source, %s, ends the run with an error that names it, and writes nothing',
    async (_what, change, undo, message) => {
      await scenario.createUsers(5, { bad: false });
      const pipeline = await scenario.createPipeline();
      await scenario.source.query(change);
      const run = await runOnce(pipeline);
      await scenario.source.query(undo);
      expect(run).toMatchObject({ status: 'failed', errorCode: 'SchemaDrift', errorStep: 'InputValidation' });
      expect(run.errorMessage).toMatch(message);
      expect(await ids(pipeline)).toEqual([]);
    },
  );
});

describe('starting', () => {
  it('fifty times at once starts exactly one run and tells the others which', async () => {
    const pipeline = await scenario.createPipeline();
    await scenario.control.query(`UPDATE workspaces SET warehouse_mode = 'Normal'`);
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => scenario.start(pipeline)));
    const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    // A run may end before the last of them is answered; never are two live at once.
    const overlaps = await scenario.control.query(
      `SELECT FROM runs a JOIN runs b ON a.pipeline_id = b.pipeline_id AND a.id < b.id AND b.start_time < coalesce(a.end_time, now())
       WHERE a.pipeline_id = $1`,
      [pipeline],
    );
    expect(overlaps).toEqual([]);
    expect(started.length + refused.length).toBe(50);
    for (const error of refused)
      expect(error).toMatchObject({ code: 'PipelineInProgress', details: { run: expect.any(Number) } });
    for (const run of started) await scenario.runIn(run);
  });

  it('while the pipeline is being deleted starts a run or does not find the pipeline', async () => {
    const { workspace } = scenario;
    for (let turn = 0; turn < 20; turn += 1) {
      const pipeline = await scenario.createPipeline();
      const [start] = await Promise.allSettled([
        scenario.start(pipeline),
        deletePipeline(scenario.deps, { workspace, pipeline }),
      ]);
      if (start.status === 'rejected')
        expect(start.reason).toMatchObject({ code: 'NotFound', message: 'pipeline does not exist' });
    }
  });

  it('many pipelines on two workers claims each run once', async () => {
    await scenario.createUsers(10, { bad: false });
    await scenario.worker();
    await gate.close();
    const pipelines = await Promise.all(Array.from({ length: 30 }, () => scenario.createPipeline()));
    const runs = await Promise.all(pipelines.map((pipeline) => scenario.start(pipeline)));
    // A worker that is ready may not have begun to take runs; held, they cannot all end before it has.
    await eventually('both workers have runs', async () => {
      const workers = await scenario.control.query(
        `SELECT DISTINCT worker FROM runs WHERE id = ANY ($1) AND status = 'running'`,
        [runs],
      );
      return workers.length === 2;
    });
    await gate.open();
    const ended = await Promise.all(runs.map((run) => scenario.runIn(run, 'succeeded')));
    expect(ended.map(({ epoch }) => epoch)).toEqual(runs.map(() => 1));
    expect(new Set(ended.map(({ worker }) => worker)).size).toBe(2);
  });

  it('and cancelling at once leaves the run in one final state', async () => {
    await scenario.createUsers(10, { bad: false });
    const pipeline = await scenario.createPipeline();
    for (let turn = 0; turn < 10; turn += 1) {
      const run = await scenario.start(pipeline);
      await cancelRun(scenario.deps, { workspace: scenario.workspace, run, by: 'x' }).catch(() => undefined);
      expect(['succeeded', 'cancelled']).toContain((await scenario.runIn(run)).status);
    }
  });
});
