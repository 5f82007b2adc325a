import { STEPS } from '@penstock/domain';
import type { Receipt } from '@penstock/engine';
import { z } from 'zod';

const count = z.int().nonnegative();

const receiptSchema = z.object({
  run: count,
  // Receipts of earlier versions of the product do not say which attempt left them.
  epoch: count.default(0),
  passed: z.array(count),
  failed: z.array(count),
  added: count,
  changed: count,
  unchanged: count,
  removed: count,
  merged: count,
  cursor: z.string().nullable(),
  report: z
    .object({
      notice: z.string().nullable(),
      failures: z.array(
        z.object({ step: z.enum(STEPS), code: z.string(), message: z.string(), count, keys: z.array(z.string()) }),
      ),
    })
    .nullable()
    // An earlier version of the product may have left a receipt before it was replaced.
    .default(null),
});

/** Reads a receipt that was kept as jsonb. */
export function parseReceipt(json: unknown): Receipt {
  return receiptSchema.parse(json);
}
