import type { ApplicationWriter, DestinationColumn, OutgoingRecord } from '@penstock/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fault, faults } from './json-server.js';
import { rejection } from './read-source.js';
import type { TestAccess } from './test-access.js';
import { until } from './until.js';

/** What the suite needs of an application to show that a connector writes it as the port demands. */
export interface WriterHarness {
  readonly access: TestAccess;
  /** Opens a writer of {@link COLUMNS}. */
  open(signal: AbortSignal): Promise<ApplicationWriter>;
  /** Emails of the users that the application has, by identifier. */
  emails(): ReadonlyMap<string, unknown>;
  /** The next writing requests go wrong. */
  failWrites(fault: Fault, times?: number): void;
  /** The next listing requests go wrong. */
  failLists(fault: Fault, times?: number): void;
  /** Requests so far. */
  requests(): number;
  stop(): Promise<void>;
}

/** What is written: the email of the record that the application refuses is `bad`. */
export const COLUMNS: readonly DestinationColumn[] = [
  { name: 'email', type: { kind: 'string' } },
  { name: 'age', type: { kind: 'float', bitSize: 64, real: true } },
];
const EMAIL = COLUMNS[0] as DestinationColumn;
const SECRETS = /s3cret|secret words|bad is|token-\d/;

export function newRecord(email: string | null, externalId: string | null = null): OutgoingRecord {
  return { externalId, attributes: { email, age: 42 }, idempotencyKey: `key of ${email} ${externalId}` };
}

/** The guarantees of the port, for any application. */
export function applicationWriterConformance(name: string, start: () => Promise<WriterHarness>): void {
  describe(`${name} as a destination`, () => {
    let harness: WriterHarness;
    let writer: ApplicationWriter;
    const ending = new AbortController();
    beforeEach(async () => {
      harness = await start();
      writer = await harness.open(ending.signal);
    });
    afterEach(async () => {
      await writer.close();
      await harness.stop();
    });

    /** Writes any number of records in calls that are not too large. */
    const write = async (operation: 'create' | 'update', records: readonly OutgoingRecord[]) => {
      const outcomes = [];
      for (let start = 0; start < records.length; start += writer.batchSize) {
        outcomes.push(...(await writer.write(operation, records.slice(start, start + writer.batchSize))));
      }
      return outcomes;
    };

    const users = async () => {
      const pages = [];
      for await (const page of writer.users(EMAIL)) pages.push(...page);
      return pages;
    };

    it('creates users and says their identifiers, by position', async () => {
      const emails = ['a@example.com', 'b@example.com', 'c@example.com'];
      const outcomes = await write(
        'create',
        emails.map((email) => newRecord(email)),
      );
      const written = outcomes.map((outcome) =>
        outcome.kind === 'accepted' ? harness.emails().get(outcome.externalId ?? '') : outcome,
      );
      expect(written).toEqual(emails);
    });

    it('updates users by their identifiers', async () => {
      await write('create', [newRecord('a@example.com'), newRecord('b@example.com')]);
      const [first] = await users();
      const outcomes = await write('update', [newRecord('z@example.com', first?.externalId ?? '')]);
      expect(outcomes).toEqual([{ kind: 'accepted', externalId: first?.externalId }]);
      expect([...harness.emails().values()].toSorted()).toEqual(['b@example.com', 'z@example.com']);
    });

    it('lets a bad record fail alone, and says nothing of its values', async () => {
      const outcomes = await write(
        'create',
        ['a@example.com', 'bad', 'c@example.com'].map((email) => newRecord(email)),
      );
      expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'rejected', 'accepted']);
      expect(JSON.stringify(outcomes)).not.toMatch(SECRETS);
      expect([...harness.emails().values()]).toEqual(['a@example.com', 'c@example.com']);
    });

    it('lets an unknown user fail alone', async () => {
      await write('create', [newRecord('a@example.com')]);
      const [known] = await users();
      const outcomes = await write('update', [
        newRecord('b@example.com', '987654'),
        newRecord('c@example.com', known?.externalId ?? ''),
      ]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['rejected', 'accepted']);
    });

    it('delivers all users, those without a value to match too, over all pages', async () => {
      const emails = Array.from({ length: 250 }, (_, index) => `${index}@example.com`);
      await write('create', [...emails.map((email) => newRecord(email)), newRecord(null)]);
      const found = await users();
      const values = found.flatMap(({ matching }) => matching ?? []);
      expect([found.length, values.toSorted()]).toEqual([251, emails.toSorted()]);
      const owners = found.filter(({ matching }) => matching !== null);
      expect(owners.every(({ externalId, matching }) => harness.emails().get(externalId) === matching)).toBe(true);
    });

    it('removes users, and those that are not there any more', async () => {
      await write('create', [newRecord('a@example.com'), newRecord('b@example.com')]);
      const [first] = await users();
      const outcomes = await writer.remove?.([first?.externalId ?? '', '987654']);
      expect(outcomes?.map(({ kind }) => kind)).toEqual(['accepted', 'accepted']);
      expect(harness.emails().size).toBe(1);
    });

    it('asks again after a 429, in which it pauses all others', async () => {
      harness.failWrites(faults.status(429, { 'retry-after': '7' }), 3);
      const outcomes = await write('create', [newRecord('a@example.com')]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted']);
      expect(harness.access.pauses).toEqual([7_000, 7_000, 7_000]);
    });

    it.each([
      ['121', 121_000],
      ['1800', 20 * 60_000],
    ])('does not wait for %s seconds, says so, and lets nobody else ask', async (seconds, pauseMs) => {
      harness.failWrites(faults.status(429, { 'retry-after': seconds }));
      const error = await rejection(write('create', [newRecord('a@example.com')]));
      const message = expect.stringContaining(`${pauseMs / 1_000} seconds`);
      expect(error).toMatchObject({ code: 'DestinationUnavailable', message });
      expect(harness.access.pauses).toEqual([pauseMs]);
    });

    it('gives up a storm of 429 after five tries', async () => {
      harness.failWrites(faults.status(429), 100);
      const before = harness.requests();
      expect(await rejection(write('create', [newRecord('a@example.com')]))).toMatchObject({
        code: 'DestinationUnavailable',
      });
      expect(harness.requests() - before).toBe(5);
    });

    it.each([[401], [403]])('refuses to go on after %i, without secrets', async (status) => {
      harness.failWrites(faults.status(status, {}, { message: 'secret words' }), 100);
      const error = await rejection(write('create', [newRecord('a@example.com')]));
      expect(error).toMatchObject({ code: 'DestinationRefused' });
      expect(String(error)).not.toMatch(SECRETS);
    });

    it('follows no redirects', async () => {
      harness.failWrites(faults.status(307, { location: 'http://169.254.169.254/latest' }), 100);
      expect(await rejection(write('create', [newRecord('a@example.com')]))).toMatchObject({
        code: 'DestinationRefused',
        message: expect.stringContaining('redirect'),
      });
    });

    it('updates again when an answer was lost', async () => {
      await write('create', [newRecord('a@example.com')]);
      const [user] = await users();
      harness.failWrites(faults.cutAfterWork);
      harness.failWrites(faults.status(503));
      const outcomes = await write('update', [newRecord('b@example.com', user?.externalId ?? '')]);
      expect(outcomes).toEqual([{ kind: 'accepted', externalId: user?.externalId }]);
    });

    it('creates nobody twice when an answer was lost', async () => {
      harness.failWrites(faults.cutAfterWork);
      await write('create', [newRecord('a@example.com')]).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'DestinationUnavailable' });
      });
      expect(harness.emails().size).toBe(1);
    });

    it.each<[string, Fault]>([
      ['is cut off', faults.cutBody],
      ['is no JSON', faults.text('<html>s3cret</html>')],
      ['is something else', faults.text('{"users": 7, "results": 7}')],
      [
        'has users without identifiers',
        faults.text('{"users": [{"email": "s3cret"}], "results": [{"properties": {}}]}'),
      ],
      [
        'is larger than 16 MiB',
        faults.text(JSON.stringify({ users: [], results: [], more: ' '.repeat(17 * 1024 * 1024) })),
      ],
    ])(
      'ends a list that %s with an error',
      async (_what, fault) => {
        harness.failLists(fault, 100);
        const error = await rejection(users());
        expect(error).toMatchObject({ code: expect.stringMatching(/^Destination(Unavailable|Refused)$/) });
        expect(String(error)).not.toMatch(SECRETS);
      },
      30_000,
    );

    it('ends within a second when it is aborted, whatever is under way', async () => {
      const controller = new AbortController();
      const own = await harness.open(controller.signal);
      harness.failWrites(faults.silence, 100);
      const before = harness.requests();
      const writing = own.write('create', [newRecord('a@example.com')]);
      await until('the request is there', () => harness.requests() > before);
      const start = performance.now();
      const reason = new Error('cancelled');
      controller.abort(reason);
      expect(await rejection(writing)).toBe(reason);
      expect(performance.now() - start).toBeLessThan(1_000);
      await own.close();
      await own.close();
    });
  });
}
