import type {
  DuplicateKey,
  ExportAttempt,
  ExportedProfile,
  ExportPlan,
  ExportQuery,
  ExportTarget,
  LeftRecord,
  ProfileReader,
  Receipt,
  SentRecord,
} from '@penstock/engine';
import { asFenceLost, asOwner, dropStagedBy, type OpenWarehouse } from '../begin-attempt.js';
import { isFenceLost, lost } from '../fence.js';
import type { Session } from '../session.js';
import type { TableName } from '../warehouse-tables.js';
import { AcceptedJournal } from './accepted-journal.js';
import { duplicatesFrom, findDuplicates } from './duplicate-keys.js';
import { FailedProfiles } from './failed-profiles.js';
import { findTaken } from './find-taken.js';
import { forgetProfiles } from './forget-profiles.js';
import { countLeft, leftRecords } from './left-profiles.js';
import { publishExport } from './publish-export.js';
import { SnapshotHolder } from './snapshot-holder.js';
import { StagedRecords } from './staged-records.js';
import type { StagedUser } from './staged-users.js';
import { Turns } from './turns.js';

/** What was found, and opened, when an attempt began. */
export interface BegunExport {
  readonly warehouse: OpenWarehouse;
  readonly target: ExportTarget;
  readonly receipt: Receipt | null;
  /** The session that writes. */
  readonly session: Session;
  /** Opens the session that reads. */
  readonly connect: () => Promise<Session>;
  /** Where records are staged, and whether the table is to last. */
  readonly stage: TableName;
  readonly lasts: boolean;
  /** A dry run owns nothing, and counts what was noted as accepted as if it were part of the fingerprints. */
  readonly isDry: boolean;
}

/** An export's hold on the warehouse; see the contract of the port. One session writes, the other one keeps the snapshot. */
export class PostgresqlExport implements ExportAttempt {
  readonly receipt: Receipt | null;
  readonly #begun: BegunExport;
  readonly #turns = new Turns();
  readonly #staged: StagedRecords;
  readonly #failed: FailedProfiles;
  readonly #journal: AcceptedJournal;
  readonly #snapshot: SnapshotHolder;
  #isPublished = false;
  #isClosed = false;

  constructor(begun: BegunExport) {
    const { warehouse, target, session, isDry } = begun;
    const { tables } = warehouse;
    this.receipt = begun.receipt;
    this.#begun = begun;
    const hold = { session, turns: this.#turns, target };
    this.#staged = new StagedRecords({ ...hold, table: begun.stage, lasts: begun.lasts });
    this.#failed = new FailedProfiles(session, this.#turns);
    this.#journal = new AcceptedJournal({ ...hold, tables });
    this.#snapshot = new SnapshotHolder({ tables, target, connect: begun.connect, unfolded: isDry });
  }

  stageUsers(users: readonly StagedUser[]): Promise<void> {
    return this.#asOwner(() => this.#snapshot.stageUsers(users));
  }

  async read(query: ExportQuery): Promise<ProfileReader> {
    const reader = await this.#asOwner(() => this.#snapshot.read(query));
    const batches = (): AsyncIterable<readonly ExportedProfile[]> => this.#owned(reader.batches());
    const { columns, total, isUnique } = reader;
    return { columns, total, isUnique, batches, close: () => reader.close() };
  }

  stage(records: readonly SentRecord[], firstSequence: number): Promise<void> {
    return this.#asOwner(() => this.#staged.stage(records, firstSequence));
  }

  noteFailed(profiles: readonly string[]): Promise<void> {
    return this.#asOwner(() => this.#failed.note(profiles));
  }

  duplicates(): AsyncIterable<readonly DuplicateKey[]> {
    return this.#owned(this.#duplicates());
  }

  async *#duplicates(): AsyncGenerator<readonly DuplicateKey[]> {
    await this.#staged.finish();
    if (!this.#staged.isCreated) return;
    const { session } = this.#begun;
    const owners = {
      session,
      staged: this.#staged,
      failed: this.#failed,
      accepted: this.#snapshot.open.scope.accepted,
      whoTakesPart: (profiles: readonly string[]) => this.#snapshot.whoTakesPart(profiles),
    };
    const found = await this.#turns.take(() => findDuplicates(owners));
    for (let after = 0; after < found; ) {
      const batch = await this.#turns.take(() => duplicatesFrom(session, after));
      yield batch;
      after += batch.length;
    }
  }

  refuse(sequences: readonly number[]): Promise<readonly string[]> {
    return this.#asOwner(async () => {
      const profiles = await this.#staged.refuse(sequences);
      await this.#failed.note(profiles);
      return profiles;
    });
  }

  accept(records: readonly SentRecord[]): Promise<void> {
    return this.#asOwner(() => this.#journal.accept(records));
  }

  confirm(records: readonly SentRecord[]): Promise<void> {
    return this.#asOwner(() => this.#journal.confirm(records));
  }

  countLeft(): Promise<{ readonly left: number; readonly accepted: number }> {
    return this.#asOwner(async () => countLeft(this.#snapshot.open.session, this.#snapshot.open.scope));
  }

  left(): AsyncIterable<readonly LeftRecord[]> {
    return this.#owned(this.#left());
  }

  async *#left(): AsyncGenerator<readonly LeftRecord[]> {
    await this.#staged.finish();
    const { session, warehouse, target } = this.#begun;
    const { session: reading, scope } = this.#snapshot.open;
    const noted = { session, tables: warehouse.tables, target, staged: this.#staged };
    yield* leftRecords(reading, scope, (names) => this.#turns.take(() => findTaken(noted, names)));
  }

  /** What this attempt has noted is about profiles that take part, never about those that have left. */
  async forget(profiles: readonly string[], removed: number): Promise<void> {
    const { session, warehouse, target } = this.#begun;
    if (profiles.length === 0) return;
    const forgotten = { target, profiles, removed };
    await this.#asOwner(() => this.#turns.take(() => forgetProfiles(session, warehouse.tables, forgotten)));
  }

  async requireOwnership(): Promise<void> {
    const { session, warehouse, target, isDry } = this.#begun;
    if (isDry) return;
    await this.#asOwner(async () => {
      if (await this.#turns.take(() => isFenceLost(session, warehouse.tables, target))) throw lost();
    });
  }

  async publish(plan: ExportPlan): Promise<Receipt> {
    const { session, warehouse, target } = this.#begun;
    const receipt = await this.#asOwner(async () => {
      await this.#staged.finish();
      await this.#journal.flush();
      // Its locks would be in the way of tables that are replaced.
      await this.#snapshot.close();
      const publication = { ...warehouse, session, target, plan, staged: this.#staged, failed: this.#failed };
      return this.#turns.take(() => publishExport(publication));
    });
    this.#isPublished = true;
    return receipt;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#snapshot.close();
    await this.#staged.settled().catch(() => {});
    await this.#turns.take(async () => {});
    await this.#dropStaged().catch(() => {});
    await this.#begun.session.close();
  }

  /** Publishing has taken care of the table; a temporary one ends with its session. */
  async #dropStaged(): Promise<void> {
    const { warehouse, target, session, stage, lasts } = this.#begun;
    if (this.#isPublished || !lasts || !this.#staged.isCreated) return;
    await dropStagedBy(warehouse, { ...target, session }, [stage]);
  }

  async #asOwner<Result>(work: () => Promise<Result>): Promise<Result> {
    const { warehouse, target, isDry } = this.#begun;
    return isDry ? work() : asOwner(warehouse, target, work);
  }

  async *#owned<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item, void, undefined> {
    try {
      yield* items;
    } catch (error) {
      const { warehouse, target, isDry } = this.#begun;
      throw isDry ? error : await asFenceLost(warehouse, target, error);
    }
  }
}
