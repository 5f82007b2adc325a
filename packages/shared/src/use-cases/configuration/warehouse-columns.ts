import type { WarehouseColumn } from '@penstock/engine';
import { leafProperties, type ObjectType } from '@penstock/language';

/** What an identity holds: one column for each leaf property of the profile schema. */
export function warehouseColumns(profileSchema: ObjectType): WarehouseColumn[] {
  return leafProperties(profileSchema).map(({ path, column, property }) => ({ path, column, type: property.type }));
}
