import type { DatabaseExportDefinition } from '@penstock/domain';
import { describe, expect, it } from 'vitest';
import { type Destination, executeDryExport, executeExport, type TableWriter } from '../src/index.js';
import { COMMON, ExportPorts, profileOf, text } from './support/export-ports.js';

const DEFINITION: DatabaseExportDefinition = {
  ...{ kind: 'export-to-database', tableName: 'people', tableKey: 'email', onLeave: 'delete', ...COMMON },
  outSchema: { kind: 'object', properties: [text('email'), { ...text('country'), nullable: false }, text('city')] },
  transformation: { mapping: { email: 'email', country: 'country' } },
};

const ACCEPTED = { fingerprint: 'f', key: 'k', externalId: null, byThisRun: false };

/** A table that has a row of every second key. */
function table(changes: Partial<TableWriter> = {}): Destination {
  const writer: TableWriter = {
    tellsKeysApart: true,
    stage: async () => {},
    exclude: async () => {},
    write: async function* () {},
    remove: async function* (keys) {
      yield Math.ceil(keys.length / 4);
      yield Math.floor(keys.length / 4);
    },
    close: async () => {},
    ...changes,
  };
  return { to: 'table', table: { check: async () => {}, open: async () => writer } };
}

async function exported(ports: ExportPorts, changes: Partial<DatabaseExportDefinition> = {}): Promise<void> {
  await executeExport(ports.assignment({ ...DEFINITION, ...changes }), ports.environment(table()));
}

describe('an export to a table', () => {
  it.each<readonly [string, Partial<DatabaseExportDefinition>]>([
    ['another column', { transformation: { mapping: { email: 'email', city: 'country' } } }],
    ['another table', { tableName: 'others' }],
    ['another key', { tableKey: 'country' }],
  ])('takes the same values in %s for another record', async (_, changes) => {
    const [before, after] = [new ExportPorts(), new ExportPorts()];
    for (const ports of [before, after]) ports.profiles.push(profileOf('first'));
    const outSchema = { kind: 'object', properties: ['email', 'country', 'city'].map(text) };
    await exported(before, { outSchema });
    await exported(after, { outSchema, ...changes });
    expect(before.staged).toHaveLength(1);
    expect(after.staged[0]?.fingerprint).not.toBe(before.staged[0]?.fingerprint);
  });

  it('keeps the fingerprints of one table and key apart from those of others', async () => {
    const ports = new ExportPorts();
    await exported(ports);
    await exported(ports, { onLeave: 'keep' });
    await exported(ports, { tableName: 'others' });
    await exported(ports, { tableKey: 'country' });
    expect(ports.destinations[0]).toBe(ports.destinations[1]);
    expect(new Set(ports.destinations).size).toBe(3);
  });

  it('says who failed of those whom the table has', async () => {
    const ports = new ExportPorts();
    const fields = (id: string) => [`${id}@example.com`, null];
    ports.profiles.push(
      profileOf('new', { fields: fields('new') }),
      profileOf('known', { fields: fields('known'), accepted: ACCEPTED }),
      profileOf('good', { accepted: ACCEPTED }),
    );
    await exported(ports);
    expect(ports.tally.failed).toEqual([0, 0, 0, 0, 2, 0]);
    expect(ports.failedBefore).toEqual(['known']);
  });

  it('whose keys are unique writes rows while others are read, and knows by their numbers whom the table refused', async () => {
    const ports = new ExportPorts();
    ports.isUnique = true;
    ports.profiles.push(...Array.from({ length: 5_003 }, (_, index) => profileOf(`p${index}`)));
    const staged: (readonly [first: number, rows: number])[] = [];
    const write: TableWriter['write'] = async function* () {
      const [first, rows] = staged.at(-1) ?? [0, 0];
      const refused = first === 0 ? [] : [{ sequence: first + 1, message: 'refused' }];
      yield { written: rows - refused.length, refused };
    };
    const writing = table({ stage: async (rows, first) => void staged.push([first, rows.length]), write });
    await executeExport(ports.assignment(DEFINITION), ports.environment(writing));
    expect(staged).toEqual([
      [0, 5_000],
      [5_000, 3],
    ]);
    expect(ports.events.indexOf('sending')).toBeLessThan(ports.events.lastIndexOf('staging'));
    expect(ports.refused).toEqual([5_001]);
    expect(ports.tally.passed.at(-1)).toBe(5_002);
    expect(ports.tally.failed.at(-1)).toBe(1);
  });

  it('counts the rows that were there, not the keys, as removed', async () => {
    const ports = new ExportPorts();
    ports.existing = 100;
    ports.profiles.push(profileOf('first'));
    ports.left = ['a', 'b', 'c', 'd'].map((profile) => ({ profile, key: profile, externalId: null }));
    await exported(ports);
    expect(ports.forgotten).toEqual([[['a', 'b', 'c', 'd'], 2]]);
  });

  describe('whose profiles have left', () => {
    const leaving = (taken: number) => {
      const ports = new ExportPorts();
      ports.existing = 300;
      ports.profiles.push(profileOf('first'));
      ports.left = Array.from({ length: 200 }, (_, index) => ({
        ...{ profile: `p${index}`, key: index < taken ? null : 'k', externalId: null },
      }));
      return ports;
    };

    it('is braked by the share of what the table has, before anything is written', async () => {
      const ports = leaving(0);
      await expect(exported(ports)).rejects.toMatchObject({ code: 'DeleteBrake', details: { removed: 200 } });
      expect(ports.events).not.toContain('owner');
    });

    it('is not braked by records that have become those of other profiles', async () => {
      const ports = leaving(150);
      await exported(ports);
      expect(ports.forgotten.flatMap(([profiles]) => profiles)).toHaveLength(200);
    });

    it('only counts the rest of them in a dry run', async () => {
      for (const taken of [0, 150]) {
        const ports = leaving(taken);
        const found = await executeDryExport(ports.assignment(DEFINITION), ports.environment(table()));
        expect(found).toMatchObject({ added: 1, removed: 200 - taken });
      }
    });
  });
});
