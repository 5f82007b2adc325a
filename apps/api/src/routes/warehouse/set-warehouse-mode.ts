import { warehouse, warehouseModeBody } from '@penstock/shared/contracts';
import { changeWarehouseMode, getWarehouse } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const setWarehouseMode = defineRoute({
  method: 'put',
  path: '/v1/warehouse/mode',
  scope: 'workspace',
  tag: 'Warehouse',
  summary: 'Change the mode of the data warehouse',
  description:
    'With live runs the change is pending until they end; new starts are refused as the new mode says from now on. The answer shows what holds it.',
  body: warehouseModeBody,
  response: warehouse,
  handler: async ({ deps, workspace, principal, body }) => {
    await changeWarehouseMode(deps, { workspace, ...body, by: `API key ${principal.key}` });
    return getWarehouse(deps, workspace);
  },
});
