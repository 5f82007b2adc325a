import type { PipelineDefinition } from '@penstock/domain';
import { cancelRun } from '@penstock/shared/use-cases';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFINITION, type PipelineOptions, Scenario } from './support/scenario.js';
import type { WorkerProcess } from './support/worker-process.js';

let scenario: Scenario;
let worker: WorkerProcess;

/** Time for every function that ends, also where it takes a slow machine long to fill the memory. */
const TIMEOUT_MS = 20_000;
/** Time for functions that do not end. */
const SHORT_TIMEOUT_MS = 2_000;

beforeAll(async () => {
  scenario = await Scenario.create();
  await startWorker(TIMEOUT_MS);
});
beforeEach(() => scenario.source.query('TRUNCATE users'));
afterAll(() => scenario.dispose());

/** Starts the worker, in the place of the one before. */
async function startWorker(timeoutMs: number): Promise<void> {
  await scenario.killWorkers();
  worker = await scenario.worker(undefined, { FUNCTION_TIMEOUT_MS: String(timeoutMs), FUNCTION_MEMORY_MB: '32' });
}

/** Runs a pipeline to its end, on the one worker that must outlive whatever the pipeline does. */
async function runOnce(pipeline: number) {
  const run = await scenario.runIn(await scenario.start(pipeline));
  expect(worker.exited).toBe(false);
  return run;
}

const withFilter = (filter: NonNullable<PipelineDefinition['filter']>): PipelineOptions => ({ definition: { filter } });

/** A pipeline whose function is `transform`. */
function withFunction(source: string, outPaths: readonly string[] = ['email', 'logins']): PipelineOptions {
  const inPaths = ['country', 'email', 'id', 'logins'];
  const definition = { language: 'JavaScript' as const, source, preserveJSON: false, inPaths, outPaths: [...outPaths] };
  return { definition: { transformation: { function: definition } } };
}

const IDENTITY = 'function transform(user) { return { email: user.email, logins: user.logins }; }';

describe('a filter', () => {
  const frequent = withFilter({
    logical: 'and',
    conditions: [{ property: 'logins', operator: 'is greater than', values: ['5'] }],
  });

  it('drops records at Filter, without an error or a reject, and a full run removes their identities', async () => {
    await scenario.createUsers(10, { bad: false });
    const everyone = await scenario.createPipeline();
    await runOnce(everyone);
    const filtered = await scenario.createPipeline(frequent);
    const run = await runOnce(filtered);
    expect(run).toMatchObject({
      ...{ status: 'succeeded', added: 5, passed: [10, 10, 5, 5, 5, 5], failed: [0, 0, 5, 0, 0, 0], notice: null },
    });
    expect(await scenario.errorGroups(run.id)).toEqual([]);
    await scenario.source.query(`UPDATE users SET logins = 0 WHERE id = 'u10'`);
    expect(await runOnce(filtered)).toMatchObject({ removed: 1, unchanged: 4 });
  });

  it('lets the cursor follow only the records that passed it, whatever became of them afterwards', async () => {
    await scenario.source.query(`INSERT INTO users (id, logins, value, updated_at) VALUES
      ('a', 9, '1.00', '2026-01-01'), ('b', 9, 'n/a', '2026-01-02'), ('c', 1, '1.00', '2026-01-03')`);
    const pipeline = await scenario.createPipeline(frequent);
    expect(await runOnce(pipeline)).toMatchObject({ passed: [3, 3, 2, 2, 1, 1], failed: [0, 0, 1, 0, 1, 0] });
    const [row] = await scenario.control.query('SELECT cursor FROM pipelines WHERE id = $1', [pipeline]);
    expect(row).toEqual({ cursor: '2026-01-02 00:00:00' });
  });
});

describe('an object that is written as a whole', () => {
  it('arrives in the columns of its properties', async () => {
    await scenario.source.query(`INSERT INTO users (id, email, updated_at) VALUES
      ('a', '{"city": "Oslo", "zip": "0150", "x": 1}', '2026-01-01'), ('b', '{}', '2026-01-01'), ('c', '{"zip": "123456"}', '2026-01-01')`);
    const pipeline = await scenario.createPipeline({
      definition: { transformation: { mapping: { home: 'json_parse(email)' } } },
    });
    const run = await runOnce(pipeline);
    expect(run).toMatchObject({ status: 'succeeded', failed: [0, 0, 0, 0, 1, 0], added: 2 });
    const homes = await scenario.warehouse.query(
      'SELECT _user_id, home_city, home_zip FROM penstock_identities WHERE _pipeline = $1 ORDER BY _user_id',
      [pipeline],
    );
    expect(homes).toEqual([
      { _user_id: 'a', home_city: 'Oslo', home_zip: '0150' },
      { _user_id: 'b', home_city: null, home_zip: null },
    ]);
  });
});

describe('a transformation function', () => {
  it('gives what the same mapping gives, over many batches, in the order of the source', async () => {
    await scenario.createUsers(5_000, { bad: false });
    const mapping = { email: 'upper(email)', logins: 'logins' };
    const mapped = await scenario.createPipeline({ definition: { transformation: { mapping } } });
    const source = 'function transform(user) { return { ...pick(user), email: user.email.toUpperCase() }; }\n';
    const pick = 'const pick = ({ logins }) => ({ logins });';
    const byFunction = await scenario.createPipeline(withFunction(source + pick));
    expect(await runOnce(mapped)).toMatchObject({ status: 'succeeded', added: 5_000 });
    expect(await runOnce(byFunction)).toMatchObject({
      ...{ status: 'succeeded', added: 5_000, passed: [5_000, 5_000, 0, 5_000, 5_000, 5_000] },
    });
    expect(await scenario.identities(byFunction)).toEqual(await scenario.identities(mapped));
  });

  it('fails single records at Transformation when it throws and at OutputValidation when its result does not fit', async () => {
    await scenario.createUsers(6, { bad: false });
    const pipeline = await scenario.createPipeline(withFunction(IDENTITY));
    await runOnce(pipeline);
    const source = `function transform(user) {
      if (user.id === 'u1') throw new TypeError('no good');
      if (user.id === 'u2') return { email: user.email, logins: 'many' };
      if (user.id === 'u3') return { mail: user.email };
      if (user.id === 'u4') return null;
      return { email: user.email, logins: user.logins };
    }`;
    const changed = await scenario.control.query(
      `UPDATE pipeline_versions SET definition = jsonb_set(definition, '{transformation,function,source}', $2::jsonb) WHERE pipeline_id = $1 RETURNING 1`,
      [pipeline, JSON.stringify(source)],
    );
    expect(changed).toHaveLength(1);
    await scenario.source.query(`DELETE FROM users WHERE id = 'u6'`);
    const run = await runOnce(pipeline);
    expect(run).toMatchObject({ status: 'succeeded', removed: 1, unchanged: 1 });
    expect(run.passed.map((passed, step) => [passed, run.failed[step]])).toEqual([
      ...[
        [5, 0],
        [5, 0],
        [0, 0],
      ],
      ...[
        [3, 2],
        [1, 2],
        [1, 0],
      ],
    ]);
    const groups = await scenario.errorGroups(run.id);
    expect(groups.map(({ step, message, keys }) => [step, message, keys]).toSorted()).toEqual([
      [
        'OutputValidation',
        expect.stringContaining('property «logins» has a value that is not of type «number»'),
        ['u2'],
      ],
      ['OutputValidation', expect.stringContaining('property «mail» is not part of output schema'), ['u3']],
      ['Transformation', 'JavaScript: TypeError: no good', ['u1']],
      ['Transformation', expect.stringContaining('transformed value is null, not object'), ['u4']],
    ]);
    expect(await scenario.identities(pipeline)).toHaveLength(5);
  });

  /** Nothing of such a pipeline is written, and the next one works. */
  async function failsWith(source: string, errorCode: string): Promise<void> {
    await scenario.createUsers(2_000, { bad: false });
    const pipeline = await scenario.createPipeline(withFunction(source));
    expect(await runOnce(pipeline)).toMatchObject({ status: 'failed', errorCode, errorStep: 'Transformation' });
    expect(await scenario.identities(pipeline)).toEqual([]);
    expect(await runOnce(await scenario.createPipeline(withFunction(IDENTITY)))).toMatchObject({ added: 2_000 });
  }

  describe('that does not end', () => {
    beforeAll(() => startWorker(SHORT_TIMEOUT_MS));
    afterAll(() => startWorker(TIMEOUT_MS));

    it.each([
      ['loops without end', 'function transform() { for (;;); }'],
      ['loops in its regular expression', `function transform() { /^(a+)+$/.test('a'.repeat(40) + 'b'); return {}; }`],
    ])(
      'because it %s fails the run at Transformation within its limit, publishes nothing, and leaves the worker as it was',
      (_what, source) => failsWith(source, 'FunctionTimeout'),
    );
  });

  it.each([
    [
      'takes all memory',
      'const all = []; function transform() { for (;;) all.push(new Array(1e6).fill(all)); }',
      'FunctionOutOfMemory',
    ],
    ['does not parse', 'function transform( {', 'FunctionFailed'],
    ['has no transform', 'function transfer() { return {}; }', 'FunctionFailed'],
  ])(
    'that %s fails the run at Transformation within its limit, publishes nothing, and leaves the worker as it was',
    (_what, source, code) => failsWith(source, code),
  );

  it.each([
    ['a long text', `logins: '${'7x'.repeat(2_000)}'`],
    ['half a surrogate pair', `['\\ud800']: 1`],
    ['a name that no column has', `['a person@example.com']: 1`],
  ])('that returns %s for every record leaves one error group and the rest of the run alone', async (_what, member) => {
    await scenario.createUsers(3, { bad: false });
    const source = `function transform(user) { return user.id === 'u3' ? { email: 'x' } : { ${member} }; }`;
    const run = await runOnce(await scenario.createPipeline(withFunction(source)));
    expect(run).toMatchObject({ status: 'succeeded', added: 1, failed: [0, 0, 0, 0, 2, 0] });
    const [group, ...others] = await scenario.errorGroups(run.id);
    expect([group?.count, others]).toEqual([2, []]);
    expect(group?.message).not.toContain('person@example.com');
  });

  it('fails a record that is too large for it alone', async () => {
    await scenario.createUsers(20, { bad: false });
    await scenario.source.query(`UPDATE users SET email = repeat('x', 15000000) WHERE id = 'u7'`);
    await scenario.source.query(`UPDATE users SET email = repeat('x', 700000) WHERE id <> 'u7'`);
    const source = 'function transform(user) { return { email: user.email.slice(0, 3), logins: user.logins }; }';
    const run = await runOnce(await scenario.createPipeline(withFunction(source)));
    expect(run).toMatchObject({ status: 'succeeded', added: 19, failed: [0, 0, 0, 1, 0, 0] });
    expect(await scenario.errorGroups(run.id)).toMatchObject([{ code: 'RecordTooLarge', keys: ['u7'] }]);
  });

  it('that cannot run fails the run without waiting for a slow source', async () => {
    await scenario.createUsers(2, { bad: false });
    const query = `SELECT * FROM users WHERE id = 'u1' UNION ALL SELECT * FROM users WHERE id = 'u2' AND pg_sleep(600) IS NOT NULL`;
    const { definition } = withFunction('function transform( {');
    const run = await runOnce(await scenario.createPipeline({ definition: { ...definition, query } }));
    expect(run).toMatchObject({ status: 'failed', errorCode: 'FunctionFailed' });
  });

  it('that puts records into errors of built-ins gets none of them into the error of the run', async () => {
    await scenario.createUsers(2, { bad: false });
    const source = `let last;
      Object.defineProperty(Array.prototype, '0', { set() { throw new Error(last); } });
      function transform(user) { last = user.email; return { email: user.email }; }`;
    const run = await runOnce(await scenario.createPipeline(withFunction(source)));
    expect(run).toMatchObject({ status: 'failed', errorCode: 'FunctionFailed' });
    expect(run.errorMessage).not.toContain('@example.com');
    expect(worker.log).not.toContain('@example.com');
  });

  it('that loops is stopped at once by cancelling its run', async () => {
    const patient = await Scenario.create();
    try {
      await patient.worker(undefined, { FUNCTION_TIMEOUT_MS: '300000' });
      await patient.createUsers(10, { bad: false });
      const id = await patient.start(await patient.createPipeline(withFunction('function transform() { for (;;); }')));
      await patient.runIn(id, 'running');
      await cancelRun(patient.deps, { workspace: patient.workspace, run: id, by: 'a test' });
      expect(await patient.runIn(id)).toMatchObject({ status: 'cancelled' });
    } finally {
      await patient.dispose();
    }
  });
});

describe('a mapping that makes much of a record', () => {
  const heavy = { logins: 'logins', email: `if(or(${"eq(initcap(email), 'x'), ".repeat(200)}false), 'a', 'b')` };

  it('fails a record that is too large for it alone, and the others pass', async () => {
    await scenario.createUsers(20, { bad: false });
    await scenario.source.query(`UPDATE users SET email = repeat('é ', 3000000) WHERE id = 'u7'`);
    const run = await runOnce(await scenario.createPipeline({ definition: { transformation: { mapping: heavy } } }));
    expect(run).toMatchObject({ status: 'succeeded', added: 19, failed: [0, 0, 0, 1, 0, 0] });
    expect(await scenario.errorGroups(run.id)).toMatchObject([{ code: 'TooMuchWork', keys: ['u7'] }]);
  });

  it('fails a record of which it would make more than a text can be', async () => {
    await scenario.createUsers(20, { bad: false });
    await scenario.source.query(`UPDATE users SET email = repeat('x', 1000000) WHERE id = 'u7'`);
    const mapping = { email: `upper(${'email '.repeat(50)})` };
    const run = await runOnce(await scenario.createPipeline({ definition: { transformation: { mapping } } }));
    expect(run).toMatchObject({ status: 'succeeded', added: 19, failed: [0, 0, 0, 1, 0, 0] });
    expect(await scenario.errorGroups(run.id)).toMatchObject([{ code: 'TooLong', keys: ['u7'] }]);
  });
});

describe('a definition that this version does not accept', () => {
  it('fails the run with what is wrong with it, and reads nothing', async () => {
    await scenario.createUsers(1, { bad: false });
    const transformation = {
      mapping: {
        ...('mapping' in DEFINITION.transformation && DEFINITION.transformation.mapping),
        email: 'twist(email)',
      },
    };
    const run = await runOnce(await scenario.createPipeline({ definition: { transformation } }));
    expect(run).toMatchObject({ status: 'failed', errorCode: 'InvalidDefinition', passed: [0, 0, 0, 0, 0, 0] });
    expect(run.errorMessage).toContain('function "twist" does not exist');
  });
});
