import { AppError } from '@penstock/domain';
import type { WarehouseColumn } from '@penstock/engine';
import { type ObjectType, parseSchema, typeToJson } from '@penstock/language';
import type { ProfileRecord, WarehouseReader } from '@penstock/warehouses';
import type { ProfileAnswer, ProfileListQuery } from '../../contracts/profiles.js';
import { listPipelineIdsOf } from '../../repositories/pipelines.js';
import { encodeIdentity, type ListedIdentity } from '../configuration/encode-identity.js';
import { warehouseOf } from '../configuration/warehouse.js';
import { warehouseColumns } from '../configuration/warehouse-columns.js';
import { requireWorkspace } from '../configuration/workspaces.js';
import type { Dependencies } from '../dependencies.js';
import { encodeProfile } from './encode-profile.js';
import { orderColumn, readFilter, selectProperties } from './profile-query.js';

type ProfileDependencies = Pick<Dependencies, 'database' | 'secrets' | 'warehouses'>;

export interface ListedProfiles {
  readonly profiles: ProfileAnswer[];
  /** The part of the profile schema that the attributes have, in its JSON form. */
  readonly schema: { readonly kind: 'object' };
  readonly total: number;
}

/**
 * Lists profiles that pass a filter, in an order.
 * @throws AppError BadRequest with all that is wrong with the filter, NotFound, PropertyNotExist, OrderNotExist,
 *   OrderTypeNotSortable, MaintenanceMode, Warehouse*
 */
export async function listProfiles(
  deps: ProfileDependencies,
  { workspace, ...query }: ProfileListQuery & { readonly workspace: number },
): Promise<ListedProfiles> {
  const { schema, openReader } = await openProfiles(deps, workspace);
  const filterColumns = warehouseColumns(schema);
  const filter = readFilter(query.filter ?? null, schema);
  const shown = query.properties === undefined ? schema : selectProperties(schema, query.properties);
  const columns = warehouseColumns(shown);
  const orderBy = query.order === undefined ? null : orderColumn(query.order, filterColumns);
  const { orderDesc: descending, first, limit } = query;
  const request = { columns, filterColumns, filter, orderBy, descending, first, limit };
  const page = await openReader().listProfiles(request);
  return {
    profiles: page.profiles.map((profile) => encodeProfile(profile, columns)),
    schema: typeToJson(shown) as ListedProfiles['schema'],
    total: page.total,
  };
}

export interface ProfileRef {
  readonly workspace: number;
  /** UUID in lower case. */
  readonly profile: string;
}

/** @throws AppError NotFound, MaintenanceMode, Warehouse* */
export async function getProfile(
  deps: ProfileDependencies,
  { workspace, profile }: ProfileRef,
): Promise<ProfileAnswer> {
  const { schema, openReader } = await openProfiles(deps, workspace);
  const columns = warehouseColumns(schema);
  return encodeProfile(await requireProfile(openReader(), profile, columns), columns);
}

/** The identities of a profile, newest first, without those of deleted pipelines. @throws AppError NotFound, MaintenanceMode, Warehouse* */
export async function listProfileIdentities(
  deps: ProfileDependencies,
  { workspace, profile, first, limit }: ProfileRef & { readonly first: number; readonly limit: number },
): Promise<{ readonly identities: ListedIdentity[]; readonly total: number }> {
  const { schema, openReader } = await openProfiles(deps, workspace);
  const columns = warehouseColumns(schema);
  const reader = openReader();
  const pipelines = await listPipelineIdsOf(deps.database, workspace);
  const page = await reader.listProfileIdentities({ profile, pipelines, columns, first, limit });
  // All identities of a profile may be gone since the last resolution.
  if (page.total === 0) await requireProfile(reader, profile, []);
  return { identities: page.identities.map((identity) => encodeIdentity(identity, columns)), total: page.total };
}

async function requireProfile(
  reader: WarehouseReader,
  id: string,
  columns: readonly WarehouseColumn[],
): Promise<ProfileRecord> {
  const profile = await reader.findProfile(id, columns);
  if (profile === undefined) throw new AppError('NotFound', { message: 'profile does not exist' });
  return profile;
}

interface OpenProfiles {
  readonly schema: ObjectType;
  /** The warehouse is reached for when the request has been checked. */
  readonly openReader: () => WarehouseReader;
}

async function openProfiles(deps: ProfileDependencies, workspace: number): Promise<OpenProfiles> {
  const row = await requireWorkspace(deps, workspace);
  const openReader = (): WarehouseReader => {
    if (row.warehouseMode === 'Maintenance') throw new AppError('MaintenanceMode');
    const { platform, settings } = warehouseOf(deps, row);
    return platform.open(settings);
  };
  return { schema: parseSchema(row.profileSchema), openReader };
}
