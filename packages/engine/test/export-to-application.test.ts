import { EventEmitter, once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, type ApplicationExportDefinition } from '@penstock/domain';
import { describe, expect, it } from 'vitest';
import { executeDryExport, executeExport, type RecordOutcome } from '../src/index.js';
import { application, COMMON, ExportPorts, profileOf, text } from './support/export-ports.js';

const DEFINITION: ApplicationExportDefinition = {
  ...{ kind: 'export-to-application', exportMode: 'CreateOrUpdate', matching: { in: 'email', out: 'email' } },
  ...{ updateOnDuplicates: false, onLeave: 'delete', ...COMMON },
  outSchema: { kind: 'object', properties: [text('email'), text('country'), text('land')] },
  transformation: { mapping: { country: 'country' } },
};

const names = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
const leftOf = (ids: readonly string[]) => ids.map((profile) => ({ profile, key: null, externalId: `x-${profile}` }));

describe('an export to an application', () => {
  it('notes what was accepted beside a call that failed, before it ends', async () => {
    const ports = new ExportPorts();
    ports.profiles.push(profileOf('first'), profileOf('second'), profileOf('third'));
    const gate = new EventEmitter();
    let calls = 0;
    const write = async (): Promise<RecordOutcome[]> => {
      calls += 1;
      if (calls > 1) throw new AppError('DestinationRefused', { message: 'no' });
      await once(gate, 'answer');
      return [{ kind: 'accepted', externalId: 'x' }];
    };
    const definition = { ...DEFINITION, onLeave: 'keep' } as const;
    const run = executeExport(ports.assignment(definition), ports.environment(application(ports.events, { write })));
    const ended = run.then(
      () => 'succeeded',
      (error: unknown) => error,
    );
    // All that the failure sets off has happened by then.
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(calls).toBe(2);
    expect(ports.events).not.toContain('closed');
    gate.emit('answer');
    expect(await ended).toMatchObject({ code: 'DestinationRefused' });
    expect(ports.accepted).toMatchObject([{ profile: 'first', externalId: 'x' }]);
    expect(ports.events.indexOf('accepted')).toBeLessThan(ports.events.indexOf('closed'));
  });

  it('is braked before the first record is written', async () => {
    const ports = new ExportPorts();
    ports.profiles.push(profileOf('first'));
    ports.left = leftOf(names(200));
    ports.existing = 300;
    const destination = application(ports.events, { remove: async () => [] });
    const run = executeExport(ports.assignment(DEFINITION), ports.environment(destination));
    await expect(run).rejects.toMatchObject({ code: 'DeleteBrake' });
    expect(ports.events).not.toContain('written');
  });

  it('is refused where users are to be removed and the application can remove nobody', async () => {
    const ports = new ExportPorts();
    ports.profiles.push(profileOf('first'));
    const run = executeExport(ports.assignment(DEFINITION), ports.environment(application(ports.events)));
    await expect(run).rejects.toMatchObject({ step: 'OutputValidation', code: 'DestinationRefused' });
    expect(ports.events).not.toContain('written');
  });

  it('says who was rejected of those whom the application has', async () => {
    const ports = new ExportPorts();
    const accepted = { fingerprint: 'f', key: null, externalId: 'x', byThisRun: false };
    const match = { value: 'v', externalIds: ['x', 'y'], duplicateOf: null };
    ports.profiles.push(profileOf('new'), profileOf('known', { accepted }), profileOf('double', { accepted, match }));
    const write = async (): Promise<RecordOutcome[]> => [{ kind: 'rejected', message: 'no' }];
    const definition = { ...DEFINITION, onLeave: 'keep' } as const;
    await executeExport(ports.assignment(definition), ports.environment(application(ports.events, { write })));
    expect(ports.tally.failed.at(-1)).toBe(3);
    expect([...ports.failedBefore].sort()).toEqual(['double', 'known']);
  });

  it('removes in parts of ten requests, each after a look whether it still owns the run, and counts what was removed', async () => {
    const ports = new ExportPorts();
    ports.profiles.push(...names(70).map((name) => profileOf(name)));
    ports.left = [...leftOf(names(25)), { profile: 'taken', key: null, externalId: null }];
    ports.existing = 100;
    const parts: number[] = [];
    const remove = async (ids: readonly string[]): Promise<RecordOutcome[]> => {
      expect(ports.events.at(-1)).toBe('owner');
      parts.push(ids.length);
      return ids.map((id) =>
        id === 'x-p3' ? { kind: 'rejected', message: 'no' } : { kind: 'accepted', externalId: id },
      );
    };
    await executeExport(ports.assignment(DEFINITION), ports.environment(application(ports.events, { remove })));
    expect(parts).toEqual([10, 10, 5]);
    expect(ports.forgotten.map(([, removed]) => removed)).toEqual([9, 10, 5]);
    const forgotten = ports.forgotten.flatMap(([profiles]) => profiles);
    expect(forgotten).toContain('taken');
    expect(forgotten).not.toContain('p3');
  });

  it('says in a dry run how many users would be removed', async () => {
    const ports = new ExportPorts();
    ports.profiles.push(profileOf('first'));
    ports.left = leftOf(names(2));
    ports.existing = 10;
    const destination = application(ports.events, { remove: async () => [] });
    const found = await executeDryExport(ports.assignment(DEFINITION), ports.environment(destination));
    expect(found).toMatchObject({ added: 1, removed: 2 });
    expect(ports.forgotten).toEqual([]);
  });

  it('takes the same values of another property for another record', async () => {
    const fingerprints = new Set<string>();
    for (const outPath of ['country', 'land']) {
      const ports = new ExportPorts();
      ports.profiles.push(profileOf('first'));
      const transformation = { mapping: { [outPath]: 'country' } };
      const definition = { ...DEFINITION, onLeave: 'keep', transformation } as const;
      await executeExport(ports.assignment(definition), ports.environment(application(ports.events)));
      for (const { fingerprint } of ports.accepted) fingerprints.add(fingerprint);
    }
    expect(fingerprints.size).toBe(2);
  });
});
