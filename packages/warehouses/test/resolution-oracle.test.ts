import type { StagedRow } from '@penstock/engine';
import type { Value } from '@penstock/language';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributesOf, componentsOf, keyOf, type OracleIdentity, randomNumbers } from './support/resolution-oracle.js';
import { RESOLVED_COLUMNS, ResolvingWarehouse, type StoredProfile } from './support/resolving-warehouse.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  type TestDatabase,
} from './support/test-database.js';

const PROPERTIES = RESOLVED_COLUMNS.map(({ path, type }) => ({ path, isArray: type.kind === 'array' }));
const COLUMN_OF = new Map(RESOLVED_COLUMNS.map(({ path, column }) => [path, column]));
const PATHS = PROPERTIES.map(({ path }) => path);
const IDENTIFIERS = ['email', 'phone', 'number', 'code'];
const STEPS = 14;

describe('identities resolve as when all pairs are compared', () => {
  let database: TestDatabase;
  let underTest: PostgresqlUnderTest;

  beforeAll(async () => {
    database = await createTestDatabase();
    underTest = postgresqlUnderTest(database);
  });

  afterAll(async () => {
    await underTest.close();
    await database.close();
  });

  it.each([1, 2, 3, 4, 5, 6])('in random changes, incrementally and in full (seed %i)', async (seed) => {
    const settings = await underTest.newPlace();
    const warehouse = await ResolvingWarehouse.create(underTest.platform, database.client, { settings });
    await new RandomHistory(warehouse, seed).play();
  });
});

/** A warehouse that changes at random, beside what the oracle makes of it. */
class RandomHistory {
  readonly #warehouse: ResolvingWarehouse;
  readonly #random: (below: number) => number;
  readonly #identities = new Map<number, OracleIdentity[]>();
  /** All ids that ever were. */
  readonly #known = new Set<string>();
  #identifiers: readonly string[];
  #primarySources: Record<string, number> = {};
  #nextPipeline = 1;

  constructor(warehouse: ResolvingWarehouse, seed: number) {
    this.#warehouse = warehouse;
    this.#random = randomNumbers(seed);
    this.#identifiers = this.#someIdentifiers();
  }

  async play(): Promise<void> {
    for (let step = 0; step < STEPS; step += 1) {
      for (let changes = this.#random(3); changes >= 0; changes -= 1) await this.#change();
      const before = { members: await this.#warehouse.memberships(), profiles: await this.#warehouse.profiles() };
      const request = { primarySources: this.#primarySources };
      const outcome = await this.#warehouse.resolve(this.#identifiers, request);
      await this.#expectResolved(before, outcome);
      const after = await this.#warehouse.memberships();
      const again = await this.#warehouse.resolve(this.#identifiers, { ...request, full: true });
      expect(again).toEqual({ ...outcome, resolved: after.size, added: 0, changed: 0, removed: 0 });
      expect(await this.#warehouse.memberships()).toEqual(after);
    }
  }

  async #change(): Promise<void> {
    const pipelines = [...this.#identities.keys()];
    const pipeline = pipelines[this.#random(pipelines.length)];
    const choice = this.#random(14);
    if (pipeline === undefined || (choice === 0 && pipelines.length < 5))
      return this.#import(this.#nextPipeline++, true);
    if (choice === 1) return this.#purge(pipeline);
    if (choice === 2) this.#identifiers = this.#someIdentifiers();
    if (choice === 4) await this.#alter();
    if (choice === 3) this.#primarySources = { 'address.city': this.#random(3), extra: this.#random(3) };
    return this.#import(pipeline, choice > 8);
  }

  async #purge(pipeline: number): Promise<void> {
    await this.#warehouse.purge(pipeline);
    this.#identities.delete(pipeline);
  }

  /** Properties swap their values, or are dropped and added again under their names. */
  async #alter(): Promise<void> {
    const isSwap = this.#random(2) === 0;
    const dropped = ['email', 'phone', 'address.city', 'tags'][this.#random(4)] ?? '';
    const swapped: Record<string, string> = { 'address.city': 'email', email: 'address.city' };
    const kept = Object.fromEntries(
      PATHS.flatMap((path) => (isSwap ? [[path, swapped[path] ?? path]] : path === dropped ? [] : [[path, path]])),
    );
    const before = await this.#warehouse.profiles();
    await this.#warehouse.alter(kept);
    for (const [id, { revision }] of await this.#warehouse.profiles()) {
      expect(revision).toBeGreaterThan(before.get(id)?.revision ?? 0);
    }
    for (const [pipeline, identities] of this.#identities) {
      this.#identities.set(
        pipeline,
        identities.map((one) => ({ ...one, values: moved(one.values, kept) })),
      );
    }
  }

  /** A full import leaves some out; one that is not full brings few. */
  async #import(pipeline: number, isFull: boolean): Promise<void> {
    const connection = pipeline % 3;
    const old = this.#identities.get(pipeline) ?? [];
    const brought = Array.from({ length: isFull ? 10 : 1 + this.#random(2) }, () =>
      this.#identity(pipeline, connection),
    );
    const byUser = new Map(
      [...(isFull ? old.filter(() => this.#random(4) > 0) : []), ...brought].map((one) => [one.userId, one]),
    );
    const rows = [...byUser.values()].map(rowOf);
    await this.#warehouse.import({ pipeline, connection, rows, isFull });
    const kept = isFull ? [] : old.filter(({ userId }) => !byUser.has(userId));
    this.#identities.set(pipeline, [...kept, ...byUser.values()]);
  }

  #identity(pipeline: number, connection: number): OracleIdentity {
    const pick = <Picked>(...values: Picked[]): Picked | null => values[this.#random(values.length * 2)] ?? null;
    const tags = [['a', 'b'], ['b', 'c', 'b'], [], ['d']];
    return {
      pipeline,
      connection,
      userId: `u${this.#random(14)}`,
      updatedAt: `2024-01-0${1 + this.#random(4)} 00:00:00`,
      values: {
        email: pick('a@x', 'A@x', 'b@x', 'c@x', '', 'd@x', 'e@x'),
        phone: pick('1', '2', '3', '4', '5', '6'),
        number: pick(1, 2, 3, -4, 5),
        code: pick('1', '100000000000', '-3', '4'),
        'address.city': pick('Rome', 'Oslo', 'Bern'),
        extra: pick('{"a": 1}', '[2]', 'null'),
        tags: pick(...tags),
      },
    };
  }

  #someIdentifiers(): string[] {
    const count = this.#random(IDENTIFIERS.length + 1);
    return [...IDENTIFIERS].sort(() => this.#random(3) - 1).slice(0, count);
  }

  async #expectResolved(before: Before, outcome: { added: number; changed: number; removed: number }): Promise<void> {
    const components = componentsOf([...this.#identities.values()].flat(), this.#identifiers);
    const [members, profiles] = [await this.#warehouse.memberships(), await this.#warehouse.profiles()];
    const expected = components.map((component) => component.map(keyOf).sort()).sort();
    expect(await this.#warehouse.groups()).toEqual(expected);
    expect(profiles.size).toBe(components.length);
    for (const component of components) {
      const id = members.get(keyOf(component[0] as OracleIdentity)) ?? '';
      expect(profiles.get(id)?.values).toEqual(this.#storedForm(component));
    }
    this.#expectStableIds(before, components, members);
    this.#expectRevisions(before.profiles, profiles, outcome);
  }

  #storedForm(component: readonly OracleIdentity[]): Record<string, unknown> {
    const attributes = attributesOf(component, PROPERTIES, this.#primarySources);
    return Object.fromEntries(
      Object.entries(attributes).map(([path, value]) => [COLUMN_OF.get(path) ?? path, storedForm(path, value)]),
    );
  }

  /** An id stays with those who had it: nobody who wanted one more, and could have had it, has another one. */
  #expectStableIds(before: Before, components: readonly OracleIdentity[][], after: ReadonlyMap<string, string>): void {
    const idOf = new Map(
      components.map((component) => [component, after.get(keyOf(component[0] as OracleIdentity)) ?? '']),
    );
    const ownerOf = new Map([...idOf].map(([component, id]) => [id, component]));
    expect(ownerOf.size).toBe(components.length);
    const kept = (component: readonly OracleIdentity[], id: string): number =>
      component.filter((member) => before.members.get(keyOf(member)) === id).length;
    for (const [component, id] of idOf) {
      const old = new Set(component.flatMap((member) => before.members.get(keyOf(member)) ?? []));
      if (!old.has(id)) expect(this.#known.has(id)).toBe(false);
      for (const wanted of old) {
        const prefersOwn =
          old.has(id) && isPreferred(before, [id, kept(component, id)], [wanted, kept(component, wanted)]);
        const owner = ownerOf.get(wanted);
        const belongsToOwner = owner !== undefined && kept(owner, wanted) >= kept(component, wanted);
        expect(prefersOwn || belongsToOwner).toBe(true);
      }
    }
    for (const id of idOf.values()) this.#known.add(id);
  }

  /** The revision moves with the values, and only with them. */
  #expectRevisions(
    before: ReadonlyMap<string, StoredProfile>,
    after: ReadonlyMap<string, StoredProfile>,
    outcome: { added: number; changed: number; removed: number },
  ): void {
    let [added, changed] = [0, 0];
    for (const [id, { revision, values }] of after) {
      const old = before.get(id);
      if (old === undefined) added += 1;
      else if (JSON.stringify(old.values) === JSON.stringify(values)) expect(revision).toBe(old.revision);
      else {
        changed += 1;
        expect(revision).toBeGreaterThan(old.revision);
      }
    }
    const removed = [...before.keys()].filter((id) => !after.has(id)).length;
    expect(outcome).toMatchObject({ added, changed, removed });
  }
}

interface Before {
  readonly members: ReadonlyMap<string, string>;
  readonly profiles: ReadonlyMap<string, StoredProfile>;
}

function isPreferred(before: Before, [a, keptA]: [string, number], [b, keptB]: [string, number]): boolean {
  if (keptA !== keptB) return keptA > keptB;
  const [ageA, ageB] = [before.profiles.get(a)?.created ?? 0, before.profiles.get(b)?.created ?? 0];
  return ageA === ageB ? a <= b : ageA < ageB;
}

function rowOf({ userId, updatedAt, values }: OracleIdentity): StagedRow {
  return [userId, updatedAt, ...PROPERTIES.map(({ path }) => values[path] ?? null)];
}

/** What is left of values when each property has those of the one that it keeps. */
function moved(values: OracleIdentity['values'], kept: Readonly<Record<string, string>>): OracleIdentity['values'] {
  return Object.fromEntries(PATHS.map((path) => [path, values[kept[path] ?? ''] ?? null]));
}

/** What the server makes of a value in JSON. */
function storedForm(path: string, value: Value): unknown {
  if (value === null) return null;
  if (path === 'extra') return JSON.parse(String(value));
  return path === 'code' ? Number(value) : value;
}
