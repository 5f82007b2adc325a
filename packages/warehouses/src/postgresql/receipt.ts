import type { Receipt } from '@penstock/engine';
import { z } from 'zod';

const count = z.int().nonnegative();

const receiptSchema = z.object({
  run: count,
  passed: z.array(count),
  failed: z.array(count),
  added: count,
  changed: count,
  unchanged: count,
  removed: count,
  merged: count,
  cursor: z.string().nullable(),
});

/** Reads a receipt that was kept as jsonb. */
export function parseReceipt(json: unknown): Receipt {
  return receiptSchema.parse(json);
}
