import { AppError } from '@penstock/domain';
import type { Warehouse } from '@penstock/engine';
import type { WarehousePlatform, WarehouseReader } from '../warehouse-platform.js';
import { findReceipt } from './begin-attempt.js';
import { whyUnusable } from './check-warehouse.js';
import { dropLeftovers } from './drop-leftovers.js';
import { beginPostgresqlDryImport } from './dry-import.js';
import { beginPostgresqlDryExport, beginPostgresqlExport } from './export/begin-export.js';
import { initializeWarehouse } from './initialize-warehouse.js';
import { listIdentities } from './list-identities.js';
import { beginPostgresqlImport } from './postgresql-import.js';
import {
  type PostgresqlSettings,
  parsePostgresqlSettings,
  postgresqlSettingsSchema,
  redactPostgresqlSettings,
} from './postgresql-settings.js';
import { listProfileIdentities } from './profiles/list-profile-identities.js';
import { findProfile, listProfiles } from './profiles/list-profiles.js';
import { purgePipeline } from './purge-pipeline.js';
import { resolveIdentities } from './resolution/resolve-identities.js';
import { alterSchema, previewAlteration } from './schema/alter-schema.js';
import type { Session } from './session.js';
import type { WarehousePools } from './warehouse-pools.js';
import { WarehouseTables } from './warehouse-tables.js';
import { DEFAULT_TIMEOUTS, type WarehouseTimeouts } from './warehouse-timeouts.js';

/** PostgreSQL 15 and newer as a data warehouse. */
export function createPostgresqlPlatform(
  pools: WarehousePools,
  timeouts: WarehouseTimeouts = DEFAULT_TIMEOUTS,
): WarehousePlatform {
  /** Validates the settings and runs work with a session. */
  const inWarehouse = <Result>(
    settings: unknown,
    work: (session: Session, tables: WarehouseTables) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> => {
    const parsed = parsePostgresqlSettings(settings);
    return pools.withSession(parsed, (session) => work(session, new WarehouseTables(parsed.schema)), signal);
  };
  return {
    platform: 'PostgreSQL',
    settingsSchema: postgresqlSettingsSchema,
    redactSettings: redactPostgresqlSettings,
    initialize: async (settings, owner) =>
      inWarehouse(settings, (session, tables) => initializeWarehouse(session, tables, owner)),
    check: async (settings) => checkSettings(pools, parsePostgresqlSettings(settings)),
    open: (settings) => openWarehouse(pools, timeouts, parsePostgresqlSettings(settings)),
    purgePipeline: async (settings, pipeline) =>
      inWarehouse(settings, (session, tables) => purgePipeline(session, tables, pipeline, timeouts)),
    dropLeftovers: async (settings, isLive) =>
      inWarehouse(settings, (session, tables) => dropLeftovers(session, tables, isLive)),
    resolveIdentities: async (settings, request, signal) =>
      inWarehouse(settings, (session, tables) => resolveIdentities({ session, tables, timeouts }, request), signal),
    previewAlteration: async (settings, alteration) =>
      inWarehouse(settings, (session, tables) => previewAlteration(session, tables, alteration)),
    alterSchema: async (settings, alteration, signal) =>
      inWarehouse(settings, (session, tables) => alterSchema(session, tables, { ...alteration, timeouts }), signal),
  };
}

function openWarehouse(
  pools: WarehousePools,
  timeouts: WarehouseTimeouts,
  settings: PostgresqlSettings,
): Warehouse & WarehouseReader {
  const tables = new WarehouseTables(settings.schema);
  const warehouse = { pools, settings, tables, timeouts };
  return {
    beginImport: (target, signal) => beginPostgresqlImport(warehouse, target, signal),
    beginDryImport: (target, signal) => beginPostgresqlDryImport(warehouse, target, signal),
    beginExport: (target, signal) => beginPostgresqlExport(warehouse, target, signal),
    beginDryExport: (target, signal) => beginPostgresqlDryExport(warehouse, target, signal),
    findReceipt: (attempt, signal) => findReceipt(warehouse, attempt, signal),
    listIdentities: (request) => pools.withSession(settings, (session) => listIdentities(session, tables, request)),
    listProfiles: (request) => pools.withSession(settings, (session) => listProfiles(session, tables, request)),
    findProfile: (profile, columns) =>
      pools.withSession(settings, (session) => findProfile(session, tables, { profile, columns })),
    listProfileIdentities: (request) =>
      pools.withSession(settings, (session) => listProfileIdentities(session, tables, request)),
  };
}

async function checkSettings(pools: WarehousePools, settings: PostgresqlSettings): Promise<string | null> {
  try {
    return (await pools.withSession(settings, (session) => whyUnusable(session, settings.schema))) ?? null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}
