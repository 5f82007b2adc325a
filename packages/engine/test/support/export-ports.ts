import { type ExportDefinition, Tally } from '@penstock/domain';
import { leafProperties, parseSchema } from '@penstock/language';
import type {
  ApplicationWriter,
  Destination,
  ExportAssignment,
  ExportAttempt,
  ExportEnvironment,
  ExportedProfile,
  LeftRecord,
  Receipt,
  SentRecord,
  Warehouse,
} from '../../src/index.js';
import { FailureGroups } from '../../src/index.js';

const PROFILE_SCHEMA = {
  kind: 'object',
  properties: ['email', 'country'].map((name) => ({
    ...{ name, type: { kind: 'string' }, readOptional: true, description: '' },
  })),
};

/** A property that is a string. */
export const text = (name: string) => ({ name, type: { kind: 'string' }, nullable: true, description: '' });

/** What every definition of these tests has. */
export const COMMON = { filter: null, inSchema: PROFILE_SCHEMA } as const;

/** A profile that nobody has accepted yet. */
export function profileOf(id: string, changes: Partial<ExportedProfile> = {}): ExportedProfile {
  const email = `${id}@example.com`;
  const match = { value: email, externalIds: [], duplicateOf: null };
  return { id, revision: '1', accepted: null, fields: [email, 'IT'], match, ...changes };
}

/** A warehouse in memory, of one export: it delivers what it is told, and notes what it is asked. */
export class ExportPorts {
  readonly profiles: ExportedProfile[] = [];
  left: readonly LeftRecord[] = [];
  /** How many records the destination has accepted in all. */
  existing = 0;
  readonly accepted: SentRecord[] = [];
  readonly staged: SentRecord[] = [];
  readonly failedBefore: string[] = [];
  /** Numbers of records that the destination did not accept. */
  readonly refused: number[] = [];
  /** Whether it is known that no two profiles have the same key. */
  isUnique = false;
  readonly forgotten: (readonly [profiles: readonly string[], removed: number])[] = [];
  readonly destinations: string[] = [];
  /** What happened, in its order. */
  readonly events: string[] = [];
  readonly tally = new Tally();

  assignment(definition: ExportDefinition): ExportAssignment {
    return {
      ...{ workspace: 1, pipeline: 2, run: 3, epoch: 1, version: 1, definition, full: false, maxRemovedShare: 0.3 },
      profileSchema: parseSchema(PROFILE_SCHEMA),
      startTime: new Date(0),
    };
  }

  environment(destination: Destination): ExportEnvironment {
    const begin = async ({ destination: to }: { readonly destination: string }): Promise<ExportAttempt> => {
      this.destinations.push(to);
      return this.#attempt();
    };
    return {
      destination,
      warehouse: { beginExport: begin, beginDryExport: begin } as Partial<Warehouse> as Warehouse,
      openFunction: () => {
        throw new Error('there is no function');
      },
      signal: new AbortController().signal,
      onStage: (stage) => void this.events.push(stage),
      tally: this.tally,
      failures: new FailureGroups(),
      rejects: { isFull: true, add: () => {} },
    };
  }

  #attempt(): ExportAttempt {
    const columns = leafProperties(parseSchema(PROFILE_SCHEMA)).map(({ path, property: { type } }) => ({
      name: path,
      type,
    }));
    const { profiles, isUnique } = this;
    return {
      receipt: null,
      stageUsers: async () => {},
      read: async () => ({
        ...{ columns, total: profiles.length, isUnique, close: async () => {} },
        batches: async function* () {
          for (const profile of profiles) yield [profile];
        },
      }),
      stage: async (records) => void this.staged.push(...records),
      noteFailed: async (ids) => void this.failedBefore.push(...ids),
      duplicates: async function* () {},
      refuse: async (sequences) => {
        this.refused.push(...sequences);
        return sequences.map((sequence) => this.staged[sequence]?.profile ?? '');
      },
      accept: async (records) => {
        this.events.push('accepted');
        this.accepted.push(...records);
      },
      confirm: async () => {},
      countLeft: async () => ({ left: this.left.length, accepted: this.existing }),
      left: () => this.#left(),
      forget: async (ids, removed) => void this.forgotten.push([ids, removed]),
      requireOwnership: async () => void this.events.push('owner'),
      publish: async () => ({}) as Receipt,
      close: async () => {},
    };
  }

  async *#left(): AsyncGenerator<readonly LeftRecord[]> {
    yield this.left;
  }
}

/** An application that accepts everything, unless it is told to do something else. */
export function application(events: string[], changes: Partial<ApplicationWriter> = {}): Destination {
  const writer: ApplicationWriter = {
    ...{ knowsUsers: true, batchSize: 1, concurrency: 2 },
    users: async function* () {},
    write: async (_, records) => {
      events.push('written');
      return records.map(() => ({ kind: 'accepted', externalId: null }));
    },
    close: async () => void events.push('closed'),
    ...changes,
  };
  return { to: 'application', application: { open: async () => writer } };
}
