import type { key } from '@penstock/shared/contracts';
import type { ApiKeyRow } from '@penstock/shared/repositories';
import type { z } from 'zod';

export function encodeKey({ id, name, workspace, hint, createdAt }: ApiKeyRow): z.infer<typeof key> {
  return { id, name, workspace, hint, createdAt: createdAt.toISOString() };
}
