import type { RawField, RawRow, ReadFrom, SourceBatch, SourceColumn, SourceReader } from '@penstock/engine';
import { BatchBuilder } from '../files/batch-builder.js';
import { type UserProperty, userColumns } from './user-columns.js';

/** A user as a page has it. */
export interface ListedUser {
  readonly id: RawField;
  /** Canonical datetime. */
  readonly updatedAt: RawField;
  /** What the application delivers for a property; undefined when the user lacks it. */
  readonly member: (name: string) => unknown;
}

/** A page of users; null in the place of what is no user. */
export interface UsersPage {
  readonly users: readonly (ListedUser | null)[];
}

export interface UsersRead {
  readonly pages: AsyncIterable<UsersPage>;
  readonly properties: readonly UserProperty[];
  readonly from: ReadFrom | null;
  readonly close: () => Promise<void>;
}

const NOT_A_USER = {
  step: 'Receive',
  code: 'NotAnObject',
  message: 'the user is not a JSON object',
  key: null,
} as const;
/** What a value takes in memory at least. */
const FIELD_BYTES = 32;

/** Reads users page by page. Those that were updated before are left out, whether the application knows them or not. */
export class UsersReader implements SourceReader {
  readonly columns: readonly SourceColumn[];
  readonly #read: UsersRead;
  #hasBegun = false;

  constructor(read: UsersRead) {
    this.#read = read;
    this.columns = userColumns(read.properties);
  }

  async *batches(): AsyncGenerator<SourceBatch, void, undefined> {
    if (this.#hasBegun) throw new Error('batches of a reader can be read only once');
    this.#hasBegun = true;
    const builder = new BatchBuilder();
    try {
      for await (const { users } of this.#read.pages) {
        for (const user of users) {
          this.#add(builder, user);
          if (builder.full) yield builder.take();
        }
        // Pages are slow: what is there goes on.
        if (!builder.empty) yield builder.take();
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#read.close();
  }

  #add(builder: BatchBuilder, user: ListedUser | null): void {
    if (user === null) {
      builder.addUnreadable(NOT_A_USER, FIELD_BYTES);
      return;
    }
    const { from, properties } = this.#read;
    const { id, updatedAt, member } = user;
    // Canonical times are ordered as texts, and a date is before all times of its day.
    if (from !== null && typeof updatedAt === 'string' && updatedAt < from.updatedAt) return;
    const row: RawField[] = [id, updatedAt];
    let bytes = FIELD_BYTES;
    for (const { name, read } of properties) {
      const raw = member(name);
      const field = raw === undefined ? undefined : read(raw);
      bytes += FIELD_BYTES + (typeof field === 'string' ? field.length : 0);
      row.push(field);
    }
    builder.add(row satisfies RawRow, bytes);
  }
}
