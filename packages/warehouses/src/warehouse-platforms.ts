import { AppError } from '@penstock/domain';
import { createPostgresqlPlatform } from './postgresql/postgresql-platform.js';
import type { WarehousePools } from './postgresql/warehouse-pools.js';
import type { WarehousePlatform } from './warehouse-platform.js';

/** The kinds of warehouses that this installation knows, by name. */
export interface WarehousePlatforms {
  readonly names: readonly string[];
  /** Throws AppError `WarehousePlatformNotExist`. */
  get(platform: string): WarehousePlatform;
}

/** All platforms, with their sessions from the given registry. */
export function createWarehousePlatforms(pools: WarehousePools): WarehousePlatforms {
  const platforms = [createPostgresqlPlatform(pools)];
  const byName = new Map(platforms.map((platform) => [platform.platform, platform]));
  return {
    names: [...byName.keys()],
    get(name) {
      const platform = byName.get(name);
      if (platform === undefined) throw new AppError('WarehousePlatformNotExist');
      return platform;
    },
  };
}
