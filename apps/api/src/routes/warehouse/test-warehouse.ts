import { testAnswer, warehouseTestBody } from '@penstock/shared/contracts';
import { testWarehouse as testWarehouseOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const testWarehouse = defineRoute({
  method: 'post',
  path: '/v1/warehouse/test',
  scope: 'key',
  tag: 'Warehouse',
  summary: 'Test a data warehouse, the given one or that of the workspace',
  body: warehouseTestBody,
  bodyOptional: true,
  response: testAnswer,
  errors: [
    'NotFound',
    'WarehousePlatformNotExist',
    'InvalidWarehouseSettings',
    'WarehouseNotInitializable',
    'WarehouseRefused',
    'WarehouseUnavailable',
  ],
  handler: async ({ deps, workspace, body }) => {
    await testWarehouseOf(deps, { workspace, ...body });
    return { ok: true as const };
  },
});
