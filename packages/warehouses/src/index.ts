export { type FilterSql, filterSql } from './postgresql/filter/filter-sql.js';
export { createPostgresqlPlatform } from './postgresql/postgresql-platform.js';
export { createWarehousePools, type WarehousePoolOptions, type WarehousePools } from './postgresql/warehouse-pools.js';
export type {
  IdentitiesRequest,
  IdentityPage,
  IdentityRecord,
  IsLiveAttempt,
  ProfileIdentitiesRequest,
  ProfilePage,
  ProfileRecord,
  ProfilesRequest,
  ResolutionOutcome,
  ResolutionRequest,
  SchemaAlteration,
  WarehouseOwner,
  WarehousePlatform,
  WarehouseReader,
} from './warehouse-platform.js';
export { createWarehousePlatforms, type WarehousePlatforms } from './warehouse-platforms.js';
