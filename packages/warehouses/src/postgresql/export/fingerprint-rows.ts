import type { ExportTarget, SentRecord } from '@penstock/engine';
import type { Value } from '@penstock/language';
import { columnType, RowEncoder, TEXT } from '@penstock/postgresql';
import type { Session } from '../session.js';
import type { TableName } from '../warehouse-tables.js';
import { storedText } from './stored-text.js';

const uuid = columnType({ kind: 'uuid' });
const bigint = columnType({ kind: 'int', bitSize: 64 });
const integer = columnType({ kind: 'int', bitSize: 32 });
const boolean = columnType({ kind: 'boolean' });

/**
 * Columns of the fingerprints. `run` sent the record last, `is_new` says whether the destination had not had it before. In the journal,
 * `run` is null where a record has only been confirmed.
 */
const COLUMNS = [
  { name: 'profile', sql: 'uuid NOT NULL', encode: uuid.encode },
  { name: 'key', sql: 'text COLLATE "C"', encode: TEXT.encode },
  { name: 'fingerprint', sql: 'text COLLATE "C" NOT NULL', encode: TEXT.encode },
  { name: 'revision', sql: 'bigint NOT NULL', encode: bigint.encode },
  { name: 'version', sql: 'integer NOT NULL', encode: integer.encode },
  { name: 'external_id', sql: 'text COLLATE "C"', encode: TEXT.encode },
  { name: 'run', sql: 'bigint', encode: bigint.encode },
  { name: 'is_new', sql: 'boolean NOT NULL', encode: boolean.encode },
] as const;

const DEFINITIONS = COLUMNS.map(({ name, sql }) => `${name} ${sql}`).join(', ');

/** Names of the columns of the fingerprints, as SQL. */
export const FINGERPRINT_COLUMNS = COLUMNS.map(({ name }) => name).join(', ');

/** Creates a table of fingerprints, as yet without its key. */
export async function createFingerprints(session: Session, table: TableName): Promise<void> {
  await session.query(`CREATE TABLE ${table.sql} (${DEFINITIONS})`);
}

/** Creates a table of records: as the fingerprints, and behind them `_seq`, their order. It lives too short for statistics and cleaning. */
export async function createRecords(session: Session, table: string, kind: 'TABLE' | 'TEMPORARY TABLE'): Promise<void> {
  await session.query(
    `CREATE ${kind} IF NOT EXISTS ${table} (${DEFINITIONS}, _seq bigint NOT NULL) WITH (autovacuum_enabled = off)`,
  );
}

/** The statement that {@link RecordEncoder}'s rows are the data of. */
export function copyRecords(table: string): string {
  return `COPY ${table} (${FINGERPRINT_COLUMNS}, _seq) FROM STDIN (FORMAT binary)`;
}

/** Encodes records as rows of one attempt. */
export class RecordEncoder {
  readonly rows = new RowEncoder(COLUMNS.map(({ name, encode }) => ({ path: name, encode })));
  readonly #row: Value[];

  constructor({ run, version }: Pick<ExportTarget, 'run' | 'version'>) {
    this.#row = [null, null, null, null, version, null, run, null];
  }

  /** Adds a record with its number; one that was only confirmed keeps the run that has sent it. */
  add(record: SentRecord, sequence: number): void {
    const row = this.#row;
    row[0] = record.profile;
    row[1] = record.key === null ? null : storedText(record.key);
    row[2] = record.fingerprint;
    row[3] = record.revision;
    row[5] = record.externalId === null ? null : storedText(record.externalId);
    row[7] = record.isNew;
    this.#encode(row, sequence);
  }

  addConfirmed(record: SentRecord, sequence: number): void {
    this.#encode(
      [record.profile, null, record.fingerprint, record.revision, this.#row[4] ?? null, null, null, false],
      sequence,
    );
  }

  #encode(row: readonly Value[], sequence: number): void {
    const reason = this.rows.add(row, sequence);
    if (reason !== undefined) throw new Error(`a record of an export cannot be noted: ${reason}`);
  }
}
