import type { ExportQuery, ExportTarget, ProfileReader } from '@penstock/engine';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { openSnapshot } from './open-snapshot.js';
import type { ProfileScope } from './profile-query.js';
import { PostgresqlProfileReader } from './profile-reader.js';
import { type StagedUser, StagedUsers } from './staged-users.js';

export interface SnapshotOptions {
  readonly tables: WarehouseTables;
  readonly target: ExportTarget;
  /** Opens a session of the attempt. */
  readonly connect: () => Promise<Session>;
  /** Whether the journal counts as if it were part of the fingerprints. */
  readonly unfolded: boolean;
}

/** A snapshot that is being looked at. */
export interface OpenSnapshot {
  readonly session: Session;
  readonly scope: ProfileScope;
}

/**
 * The second session of an attempt: what profiles are matched with is staged there, then a transaction begins that keeps one snapshot
 * of the profiles until the attempt ends.
 */
export class SnapshotHolder {
  readonly #options: SnapshotOptions;
  #session: Promise<Session> | undefined;
  #users: StagedUsers | undefined;
  #open: OpenSnapshot | undefined;

  constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  /** Throws unless profiles have been read. */
  get open(): OpenSnapshot {
    if (this.#open === undefined) throw new Error('profiles have to be read first');
    return this.#open;
  }

  async stageUsers(users: readonly StagedUser[]): Promise<void> {
    const session = await this.#connected();
    this.#users ??= new StagedUsers(session);
    await this.#users.stage(users);
  }

  async read(query: ExportQuery): Promise<ProfileReader> {
    if (this.#open !== undefined) throw new Error('profiles can be read only once');
    const session = await this.#connected();
    if (query.matching !== undefined) await (this.#users ?? new StagedUsers(session)).finish();
    const { tables, target, unfolded } = this.#options;
    const scope = await openSnapshot(session, tables, { target, query, unfolded });
    this.#open = { session, scope };
    return PostgresqlProfileReader.open(session, scope);
  }

  /** Which of some profiles take part. */
  async whoTakesPart(profiles: readonly string[]): Promise<string[]> {
    const { session, scope } = this.open;
    const found = await session.query<{ id: string }>(
      `SELECT p._id AS id FROM ${scope.audience.sql} AS p WHERE p._id = ANY ($1::uuid[])`,
      [profiles],
    );
    return found.map(({ id }) => id);
  }

  /** Lets go of the snapshot and of all that it locks. Idempotent, never throws. */
  async close(): Promise<void> {
    // A session that comes later would be nobody's.
    const session = await this.#session?.catch(() => undefined);
    await session?.closeTransaction();
  }

  #connected(): Promise<Session> {
    this.#session ??= this.#options.connect();
    return this.#session;
  }
}
