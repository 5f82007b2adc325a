import type { connection } from '@penstock/shared/contracts';
import type { ConnectionView } from '@penstock/shared/use-cases';
import type { z } from 'zod';

export function encodeConnection(view: ConnectionView): z.infer<typeof connection> {
  const { id, name, connector, connectorType, role, settings } = view;
  return {
    ...{ id, name, connector, connectorType, role, settings },
    createdAt: view.createdAt.toISOString(),
    updatedAt: view.updatedAt.toISOString(),
  };
}
