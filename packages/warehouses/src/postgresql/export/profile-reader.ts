import type { ExportedProfile, ProfileMatch, ProfileReader, RawRow, SourceColumn } from '@penstock/engine';
import { parseArrayLiteral } from '@penstock/postgresql';
import type { Session } from '../session.js';
import { alteredOr, copyBatches } from './copy-batches.js';
import { profileColumns } from './profile-columns.js';
import { type ProfileScope, profilesQuery, totalQuery, uniqueQuery } from './profile-query.js';
import { restoredText } from './stored-text.js';

/** Fields before those of the properties: id, revision, fingerprint, key, external id, whether by this run; value, users, rival. */
const OWN_FIELDS = 6;
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
      const { query } = this.#scope;
      const toProfile = query.matching === undefined ? plainProfile : matchedProfile;
      const own = OWN_FIELDS + (query.matching === undefined ? 0 : MATCH_FIELDS);
      const rows = copyBatches(this.#session, profilesQuery(this.#scope), own + query.columns.length);
      for await (const batch of rows) yield batch.map(toProfile);
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

function plainProfile(row: RawRow): ExportedProfile {
  const fields = textFields(row);
  return {
    id: fields[0] ?? '',
    revision: fields[1] ?? '',
    accepted: acceptedOf(fields),
    fields: fields.slice(OWN_FIELDS),
  };
}

function matchedProfile(row: RawRow): ExportedProfile {
  const fields = textFields(row);
  const own = OWN_FIELDS + MATCH_FIELDS;
  return { ...plainProfile(row), match: matchOf(fields), fields: fields.slice(own) };
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

function matchOf(fields: Fields): ProfileMatch {
  const users = fields[7] ?? null;
  return {
    value: fields[6] ?? null,
    externalIds: users === null ? [] : parseArrayLiteral(users).map((id) => restoredText(id ?? '')),
    duplicateOf: fields[8] ?? null,
  };
}

function restored(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : restoredText(text);
}
