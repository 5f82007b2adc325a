import type { StagedRow, Warehouse, WarehouseColumn } from '@penstock/engine';
import type { Client } from 'pg';
import type { ResolutionOutcome, ResolutionRequest, WarehousePlatform } from '../../src/index.js';
import { alteration } from './alterations.js';
import { planFor, WORKSPACE } from './people.js';
import { schemaOf } from './test-database.js';

/** Properties of profiles in the tests of identity resolution. */
export const RESOLVED_COLUMNS: readonly WarehouseColumn[] = [
  { path: 'email', column: 'email', type: { kind: 'string' } },
  { path: 'phone', column: 'phone', type: { kind: 'string', maxLength: 40 } },
  { path: 'number', column: 'number', type: { kind: 'int', bitSize: 32 } },
  { path: 'code', column: 'code', type: { kind: 'decimal', precision: 12, scale: 0 } },
  { path: 'address.city', column: 'address_city', type: { kind: 'string' } },
  { path: 'extra', column: 'extra', type: { kind: 'json' } },
  { path: 'tags', column: 'tags', type: { kind: 'array', elementType: { kind: 'string' } } },
];

const MAPPED = RESOLVED_COLUMNS.map(({ path }) => path);

export interface StoredProfile {
  readonly revision: number;
  readonly created: number;
  /** By column. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface ResolvedImport {
  readonly pipeline: number;
  readonly connection?: number;
  readonly rows: readonly StagedRow[];
  /** Removes the identities that are not among the rows. */
  readonly isFull?: boolean;
}

/** A warehouse whose identities are resolved, and short ways to look at what came of it. */
export class ResolvingWarehouse {
  readonly settings: unknown;
  readonly #platform: WarehousePlatform;
  readonly #warehouse: Warehouse;
  readonly #client: Client;
  readonly #columns: readonly WarehouseColumn[];
  #runs = 0;

  private constructor(platform: WarehousePlatform, client: Client, place: ResolvingPlace) {
    this.settings = place.settings;
    this.#columns = place.columns;
    this.#platform = platform;
    this.#client = client;
    this.#warehouse = platform.open(place.settings);
  }

  static async create(
    platform: WarehousePlatform,
    client: Client,
    { settings, columns = RESOLVED_COLUMNS }: Partial<ResolvingPlace>,
  ): Promise<ResolvingWarehouse> {
    await platform.initialize(settings, { workspace: WORKSPACE, columns });
    return new ResolvingWarehouse(platform, client, { settings, columns });
  }

  get schema(): string {
    return schemaOf(this.settings);
  }

  async import({ pipeline, connection = pipeline, rows, isFull = true }: ResolvedImport): Promise<void> {
    const target = { workspace: WORKSPACE, connection, pipeline, run: ++this.#runs, epoch: 1 };
    const mapped = this.#columns === RESOLVED_COLUMNS ? MAPPED : this.#columns.map(({ path }) => path);
    const attempt = await this.#warehouse.beginImport(
      { ...target, columns: this.#columns, mapped, onRefused: (failure) => expectNone(failure.message) },
      new AbortController().signal,
    );
    try {
      await attempt.stage(rows);
      await attempt.publish(planFor({ rows, plan: { removeVanished: isFull } }));
    } finally {
      await attempt.close();
    }
  }

  purge(pipeline: number): Promise<void> {
    return this.#platform.purgePipeline(this.settings, pipeline);
  }

  /** Alters the schema into one of the same columns, of which each keeps the values of another one, or none. */
  async alter(kept: Readonly<Record<string, string>>): Promise<void> {
    const change = alteration(this.#columns, this.#columns, kept);
    const altered = await this.#platform.alterSchema(this.settings, change, new AbortController().signal);
    if (!altered) throw new Error('another operation is under way');
  }

  /** Null when something else is under way. */
  tryResolve(
    identifiers: readonly string[],
    request: Partial<ResolutionRequest> = {},
    signal = new AbortController().signal,
  ): Promise<ResolutionOutcome | null> {
    const complete = { workspace: WORKSPACE, columns: this.#columns, identifiers, primarySources: {}, ...request };
    return this.#platform.resolveIdentities(this.settings, complete, signal);
  }

  async resolve(identifiers: readonly string[], request: Partial<ResolutionRequest> = {}): Promise<ResolutionOutcome> {
    const outcome = await this.tryResolve(identifiers, request);
    if (outcome === null) throw new Error('another resolution is under way');
    return outcome;
  }

  /** Profile ids by `pipeline/user id`. */
  async memberships(): Promise<Map<string, string>> {
    const { rows } = await this.#client.query<{ key: string; profile: string }>(
      `SELECT _pipeline || '/' || _user_id AS key, _profile AS profile FROM ${this.schema}.penstock_identity_profiles`,
    );
    return new Map(rows.map(({ key, profile }) => [key, profile]));
  }

  /** Identities by profile, ordered. */
  async groups(): Promise<string[][]> {
    const { rows } = await this.#client.query<{ members: string[] }>(
      `SELECT array_agg(_pipeline || '/' || _user_id) AS members FROM ${this.schema}.penstock_identity_profiles GROUP BY _profile`,
    );
    return rows.map(({ members }) => members.sort()).sort();
  }

  async profiles(): Promise<Map<string, StoredProfile>> {
    const { rows } = await this.#client.query(
      `SELECT _id AS id, _revision::int AS revision, _created::int AS created, to_jsonb(p) - '{_id,_revision,_created}'::text[]
         || jsonb_build_object('_updated_at', _updated_at::text) AS values FROM ${this.schema}.penstock_profiles AS p`,
    );
    return new Map(rows.map(({ id, ...profile }) => [id, profile]));
  }

  async changes(): Promise<{ pipeline: number; userId: string | null }[]> {
    const { rows } = await this.#client.query(
      `SELECT _pipeline AS pipeline, _user_id AS "userId" FROM ${this.schema}.penstock_changes ORDER BY 1, 2`,
    );
    return rows;
  }
}

interface ResolvingPlace {
  readonly settings: unknown;
  readonly columns: readonly WarehouseColumn[];
}

function expectNone(message: string): void {
  throw new Error(`a record was refused: ${message}`);
}
