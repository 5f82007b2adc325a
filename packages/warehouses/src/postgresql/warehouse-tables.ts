import { quoteIdentifier } from '@penstock/postgresql';

/** A table: its bare name, and the name as SQL, qualified and quoted. */
export interface TableName {
  readonly name: string;
  readonly sql: string;
}

/** Which try at which run of which pipeline. */
export interface AttemptId {
  readonly pipeline: number;
  readonly run: number;
  readonly epoch: number;
}

/** What an attempt stages into: its rows, the ids of the identities that it keeps, the records that an export sends. */
export type StagingPurpose = 'stage' | 'keep' | 'sent';

/** The tables of one workspace's warehouse, all in the schema of its settings. */
export class WarehouseTables {
  readonly schema: string;
  readonly workspace: TableName;
  readonly identities: TableName;
  readonly fences: TableName;
  /** Who the identities resolved to: `_id uuid`, `_revision bigint`, `_updated_at`, and the columns of the profile schema. */
  readonly profiles: TableName;
  /** Which profile each identity belongs to, as of the last resolution. */
  readonly identityProfiles: TableName;
  /** Identities that publishes and purges have changed since the last resolution. */
  readonly changes: TableName;
  /** What was resolved last, and what was altered last. */
  readonly state: TableName;

  constructor(schema: string) {
    this.schema = schema;
    this.workspace = this.#table('penstock_workspace');
    this.identities = this.#table('penstock_identities');
    this.fences = this.#table('penstock_fences');
    this.profiles = this.#table('penstock_profiles');
    this.identityProfiles = this.#table('penstock_identity_profiles');
    this.changes = this.#table('penstock_changes');
    this.state = this.#table('penstock_state');
  }

  /** The identities of one pipeline. */
  partition(pipeline: number): TableName {
    return this.#table(`penstock_identities_${pipeline}`);
  }

  /** What the destination of an export has accepted. */
  fingerprints(pipeline: number): TableName {
    return this.#table(`penstock_fingerprints_${pipeline}`);
  }

  /** What a run's attempts have noted as accepted, until it becomes part of the fingerprints. */
  accepted(pipeline: number): TableName {
    return this.#table(`penstock_accepted_${pipeline}`);
  }

  staging(purpose: StagingPurpose, { pipeline, run, epoch }: AttemptId): TableName {
    return this.#table(`penstock_${purpose}_${pipeline}_${run}_${epoch}`);
  }

  /** A staging table that was found by its name. */
  found(name: string): TableName {
    return this.#table(name);
  }

  #table(name: string): TableName {
    return { name, sql: `${quoteIdentifier(this.schema)}.${quoteIdentifier(name)}` };
  }
}

/** The names of all tables that the product makes in a warehouse, as a regular expression of the server; docs/operations.md has it as well. */
export const OWN_TABLE_NAMES =
  '^penstock_(workspace|fences|profiles|identity_profiles|changes|state|identities(_[0-9]+)?|(fingerprints|accepted)_[0-9]+|(stage|keep|sent)_[0-9]+_[0-9]+_[0-9]+)$';

const STAGING_NAME = /^penstock_(?:stage|keep|sent)_(\d+)_(\d+)_(\d+)$/;

/** The attempt that a staging table belongs to; undefined when the table is not a staging table. */
export function attemptOfStaging(name: string): AttemptId | undefined {
  const match = STAGING_NAME.exec(name);
  if (match === null) return undefined;
  return { pipeline: Number(match[1]), run: Number(match[2]), epoch: Number(match[3]) };
}
