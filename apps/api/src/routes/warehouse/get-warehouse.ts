import { warehouse } from '@penstock/shared/contracts';
import { getWarehouse as getWarehouseOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const getWarehouse = defineRoute({
  method: 'get',
  path: '/v1/warehouse',
  scope: 'workspace',
  tag: 'Warehouse',
  summary: 'Get the data warehouse, its mode and what holds a pending mode',
  response: warehouse,
  handler: ({ deps, workspace }) => getWarehouseOf(deps, workspace),
});
