import { parseSchema } from '@penstock/language';
import type { ResolutionOutcome, WarehousePlatform } from '@penstock/warehouses';
import { warehouseColumns } from '../configuration/warehouse-columns.js';
import type { Dependencies } from '../dependencies.js';
import type { AlterationRequest, ClaimedOperation } from './operation.js';

/** What the warehouse made of an operation. */
export type OperationResult =
  | { readonly kind: 'resolved'; readonly outcome: ResolutionOutcome }
  | { readonly kind: 'altered'; readonly request: AlterationRequest }
  /** It is at another one: of a worker that counted as lost and was not. */
  | { readonly kind: 'busy' };

/** Does in the warehouse what a claimed operation asks for. @throws AppError as the warehouse's `resolveIdentities`, `alterSchema` */
export async function executeOperation(
  { secrets, warehouses }: Pick<Dependencies, 'secrets' | 'warehouses'>,
  operation: ClaimedOperation,
  signal: AbortSignal,
): Promise<OperationResult> {
  const platform = warehouses.get(operation.platform);
  const settings: unknown = JSON.parse(secrets.decrypt(operation.settings));
  const { request } = operation;
  if (request !== null) return alter(platform, settings, { operation, request, signal });
  const { workspace, identifiers, primarySources, full } = operation;
  const columns = warehouseColumns(parseSchema(operation.profileSchema));
  const attempt = { id: operation.operation, epoch: operation.epoch };
  const resolution = { workspace, columns, identifiers, primarySources, full, operation: attempt };
  const outcome = await platform.resolveIdentities(settings, resolution, signal);
  return outcome === null ? { kind: 'busy' } : { kind: 'resolved', outcome };
}

interface Alteration {
  readonly operation: ClaimedOperation;
  readonly request: AlterationRequest;
  readonly signal: AbortSignal;
}

async function alter(
  platform: WarehousePlatform,
  settings: unknown,
  { operation: { workspace, name, profileSchema }, request, signal }: Alteration,
): Promise<OperationResult> {
  const alteration = {
    workspace,
    operation: name,
    before: warehouseColumns(parseSchema(profileSchema)),
    after: warehouseColumns(parseSchema(request.schema)),
    kept: request.kept,
  };
  const altered = await platform.alterSchema(settings, alteration, signal);
  return altered ? { kind: 'altered', request } : { kind: 'busy' };
}
