import { eventually } from '@penstock/shared/testing';
import {
  alterProfileSchema,
  type ClaimedOperation,
  claimOperation,
  executeOperation,
  latestAlteration,
  listProfiles,
  requestResolution,
  setResolutionSettings,
} from '@penstock/shared/use-cases';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { operateWarehouse } from '../src/runtime/operate-warehouse.js';
import { localDependencies, startLocalWorker } from './support/local-worker.js';
import { PROFILE_SCHEMA, Scenario } from './support/scenario.js';

let scenario: Scenario;
let worker: ReturnType<typeof startLocalWorker> | undefined;

beforeAll(async () => {
  scenario = await Scenario.create();
  await scenario.source.query(
    `INSERT INTO users (id, email, country, updated_at) VALUES ('1', 'a@x.org', 'IT', '2026-01-01')`,
  );
  worker = startLocalWorker(scenario);
  await scenario.runIn(await scenario.start(await scenario.createPipeline()), 'succeeded');
  await settled();
  await worker.stop();
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await scenario.killWorkers();
});
afterAll(() => scenario.dispose());

beforeEach(() => scenario.control.query('DELETE FROM warehouse_operations'));

const settled = () =>
  eventually('no operation is left', async () => {
    const live = await scenario.control.query('SELECT FROM warehouse_operations WHERE end_time IS NULL');
    return live.length === 0;
  });
const workspace = async () => {
  const [row] = await scenario.control.query<{
    profile_schema: { properties: { name: string }[] };
    identifiers: string[];
    primary_sources: object;
  }>('SELECT profile_schema, identifiers, primary_sources FROM workspaces');
  if (row === undefined) throw new Error('there is no workspace');
  return row;
};
const namesOf = async () => (await workspace()).profile_schema.properties.map(({ name }) => name);
const latest = () => latestAlteration(scenario.deps, scenario.workspace);
const alter = (change: {
  properties: object[];
  rePaths?: Record<string, string | null>;
  primarySources?: Record<string, number>;
}) => {
  const { properties, ...rest } = change;
  return alterProfileSchema(scenario.deps, {
    workspace: scenario.workspace,
    schema: { kind: 'object', properties },
    ...rest,
  });
};
const columns = async () =>
  (
    await scenario.warehouse.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = 'penstock_profiles'::regclass AND attnum > 0 AND NOT attisdropped`,
    )
  ).map(({ name }) => name);
const attributes = async () => {
  const query = { orderDesc: true, first: 0, limit: 10 };
  return (await listProfiles(scenario.deps, { workspace: scenario.workspace, ...query })).profiles.map(
    (profile) => profile.attributes,
  );
};
const property = (name: string, type: object = { kind: 'string' }) => ({
  name,
  type,
  readOptional: true,
  description: '',
});
/** The schema as it is now, its properties changed. */
const changed = async (change: (properties: object[]) => object[]) =>
  change((await workspace()).profile_schema.properties);
const claimNext = () => claimOperation(scenario.deps, { workspace: scenario.workspace, leaseMs: 60_000 });
const claim = async (): Promise<ClaimedOperation> => {
  const claimed = await claimNext();
  if (claimed === undefined) throw new Error('nothing was claimed');
  return claimed;
};
/** What was claimed counts as lost, as some time after its worker has died. */
const loseClaimed = () =>
  scenario.control.query(`UPDATE warehouse_operations SET due_at = now() WHERE status = 'running'`);
const signal = new AbortController().signal;

describe('an alteration of the profile schema', () => {
  it('renames, adds and drops; identifiers and primary sources follow', async () => {
    const identifiers = ['country', 'email', 'logins'];
    await setResolutionSettings(scenario.deps, { workspace: scenario.workspace, identifiers, runOnBatchImport: true });
    await scenario.control.query('UPDATE workspaces SET primary_sources = $1', [
      { email: scenario.connection, logins: scenario.connection, signup: 123456789 },
    ]);
    const [email, country, signup, value, , home] = PROFILE_SCHEMA.properties as { name: string }[];
    await alter({
      properties: [{ ...email, name: 'mail' }, country, signup, value, home, property('tags')] as object[],
      rePaths: { mail: 'email' },
    });
    expect(await namesOf()).toContain('email');
    worker = startLocalWorker(scenario);
    await settled();
    expect(await latest()).toMatchObject({ endTime: expect.any(String), error: null });
    expect(await namesOf()).toEqual(['mail', 'country', 'signup', 'value', 'home', 'tags']);
    expect(await columns()).toEqual(expect.arrayContaining(['mail', 'tags', 'country']));
    expect(await columns()).not.toContain('logins');
    expect(await workspace()).toMatchObject({
      identifiers: ['country', 'mail'],
      primary_sources: { mail: scenario.connection },
    });
    expect(await attributes()).toEqual([{ mail: 'a@x.org', country: 'IT' }]);
  });

  it('ends as failed, with the words of the warehouse, when the warehouse refuses it', async () => {
    await scenario.warehouse.query('ALTER TABLE penstock_profiles ADD COLUMN surplus text');
    const before = await namesOf();
    await alter({ properties: await changed((properties) => [...properties, property('surplus')]) });
    worker = startLocalWorker(scenario);
    await settled();
    await scenario.warehouse.query('ALTER TABLE penstock_profiles DROP COLUMN surplus');
    expect(await latest()).toMatchObject({ endTime: expect.any(String), error: expect.stringContaining('surplus') });
    expect(await namesOf()).toEqual(before);
  });

  it('that a worker had applied when it died is completed by another one', async () => {
    await alter({ properties: await changed((properties) => [...properties, property('later')]) });
    const claimed = await claim();
    expect(await executeOperation(scenario.deps, claimed, signal)).toMatchObject({ kind: 'altered' });
    expect(await namesOf()).not.toContain('later');
    await loseClaimed();
    worker = startLocalWorker(scenario);
    await settled();
    expect(await namesOf()).toContain('later');
    expect(await latest()).toMatchObject({ error: null });
  });

  it('that may have been applied is not given up when the warehouse cannot be asked', async () => {
    await alter({ properties: await changed((properties) => [...properties, property('unsure')]) });
    await executeOperation(scenario.deps, await claim(), signal);
    await loseClaimed();
    await scenario.warehouse.query('ALTER TABLE penstock_workspace RENAME TO elsewhere');
    worker = startLocalWorker(scenario);
    await eventually('an attempt has failed', async () => (await latest()).error);
    expect((await latest()).endTime).toBeNull();
    await scenario.warehouse.query('ALTER TABLE elsewhere RENAME TO penstock_workspace');
    await scenario.control.query('UPDATE warehouse_operations SET due_at = now()');
    await settled();
    expect(await namesOf()).toContain('unsure');
  });

  it('goes before a resolution that waits, and neither of them runs beside the other', async () => {
    await requestResolution(scenario.deps, { workspace: scenario.workspace, full: false });
    await scenario.control.query(`UPDATE warehouse_operations SET due_at = now() + interval '1 hour'`);
    await alter({ properties: await changed((properties) => [...properties, property('first')]) });
    await scenario.control.query('UPDATE warehouse_operations SET due_at = now()');
    expect((await claim()).kind).toBe('alteration');
    expect(await claimNext()).toBeUndefined();
    await loseClaimed();
    await operateUntilSettled();
    expect(await namesOf()).toContain('first');
  });

  it('is refused while a resolution is under way', async () => {
    await requestResolution(scenario.deps, { workspace: scenario.workspace, full: false });
    await claim();
    await expect(alter({ properties: PROFILE_SCHEMA.properties })).rejects.toMatchObject({
      code: 'OperationAlreadyExecuting',
    });
    await loseClaimed();
    await operateUntilSettled();
  });

  it('lets imports that were made for the new schema begin, and those for the old one fail clearly', async () => {
    const pipeline = await scenario.createPipeline();
    worker = startLocalWorker(scenario);
    await expect(scenario.runIn(await scenario.start(pipeline), 'succeeded')).rejects.toThrow(/email/);
    await settled();
  });
});

/** What a worker does that comes when the one before counts as lost. */
async function operateUntilSettled(): Promise<void> {
  await eventually('the operations are done', async () => {
    await operateWarehouse(localDependencies(scenario), scenario.workspace);
    return (await scenario.control.query('SELECT FROM warehouse_operations WHERE end_time IS NULL')).length === 0;
  });
}
