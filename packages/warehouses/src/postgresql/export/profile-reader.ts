import type { ExportedProfile, ProfileMatch, ProfileReader, RawRow, SourceColumn } from '@penstock/engine';
import { parseArrayLiteral } from '@penstock/postgresql';
import type { Session } from '../session.js';
import { alteredOr, copyBatches } from './copy-batches.js';
import { profileColumns } from './profile-columns.js';
import { type ProfileScope, profilesQuery, totalQuery, uniqueQuery } from './profile-query.js';
import { restoredText } from './stored-text.js';

/** Fields before those of the properties, in this order: id and revision; fingerprint, key, external id, whether by this run; value, users, rival. */
const PROFILE_FIELDS = 2;
const ACCEPTED_FIELDS = 4;
const MATCH_FIELDS = 3;

/** Reads profiles in the transaction of their session. */
export class PostgresqlProfileReader implements ProfileReader {
  readonly columns: readonly SourceColumn[];
  readonly total: number;
  readonly isUnique: boolean;
  readonly #session: Session;
  readonly #scope: ProfileScope;
  #state: 'new' | 'reading' | 'complete' | 'closed' = 'new';

  static async open(session: Session, scope: ProfileScope): Promise<PostgresqlProfileReader> {
    const ask = <Row extends Record<string, unknown>>(query: string) =>
      session.query<Row>(query).catch((error: unknown) => {
        throw alteredOr(error);
      });
    const [counted] = await ask<{ total: string }>(totalQuery(scope));
    const unique = uniqueQuery(scope);
    const [asked] = unique === undefined ? [] : await ask<{ unique: boolean }>(unique);
    const found = { total: Number(counted?.total), isUnique: asked?.unique === true };
    return new PostgresqlProfileReader(session, scope, found);
  }

  private constructor(
    session: Session,
    scope: ProfileScope,
    { total, isUnique }: Pick<ProfileReader, 'total' | 'isUnique'>,
  ) {
    this.isUnique = isUnique;
    this.columns = profileColumns(scope.query.columns);
    this.total = total;
    this.#session = session;
    this.#scope = scope;
  }

  async *batches(): AsyncGenerator<readonly ExportedProfile[], void, undefined> {
    if (this.#state !== 'new') throw new Error('batches of a reader can be read only once');
    this.#state = 'reading';
    if (this.#scope.audience.exists) {
      const { toProfile, own } = compileProfile(this.#scope);
      const fields = own + this.#scope.query.columns.length;
      const rows = copyBatches(this.#session, profilesQuery(this.#scope), fields);
      for await (const batch of rows) yield batch.map((row) => toProfile(textFields(row)));
    }
    this.#state = 'complete';
  }

  /** The session, with its snapshot, goes on only where everything was read. */
  async close(): Promise<void> {
    if (this.#state === 'reading') await this.#session.abandon();
    this.#state = 'closed';
  }
}

type Fields = readonly (string | null)[];

/** How the fields of a row become a profile, and how many of them come before the properties. */
function compileProfile({ query, accepted }: ProfileScope): {
  readonly toProfile: (fields: Fields) => ExportedProfile;
  readonly own: number;
} {
  const matchAt = PROFILE_FIELDS + (accepted.exists ? ACCEPTED_FIELDS : 0);
  const own = matchAt + (query.matching === undefined ? 0 : MATCH_FIELDS);
  const acceptedBy = accepted.exists ? acceptedOf : () => null;
  const plain = (fields: Fields): ExportedProfile => ({
    id: fields[0] ?? '',
    revision: fields[1] ?? '',
    accepted: acceptedBy(fields),
    fields: fields.slice(own),
  });
  if (query.matching === undefined) return { toProfile: plain, own };
  return { toProfile: (fields) => ({ ...plain(fields), match: matchOf(fields, matchAt) }), own };
}

/** What comes by COPY is texts and nulls only. */
function textFields(row: RawRow): Fields {
  return row as Fields;
}

function acceptedOf(fields: Fields): ExportedProfile['accepted'] {
  const fingerprint = fields[2] ?? null;
  if (fingerprint === null) return null;
  return {
    fingerprint,
    key: restored(fields[3]),
    externalId: restored(fields[4]),
    byThisRun: fields[5] === 't',
  };
}

function matchOf(fields: Fields, at: number): ProfileMatch {
  const users = fields[at + 1] ?? null;
  return {
    value: fields[at] ?? null,
    externalIds: users === null ? [] : parseArrayLiteral(users).map((id) => restoredText(id ?? '')),
    duplicateOf: fields[at + 2] ?? null,
  };
}

function restored(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : restoredText(text);
}
