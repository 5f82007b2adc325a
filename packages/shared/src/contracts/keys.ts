import { z } from 'zod';
import { entityId, text, timestamp } from './wire-values.js';

export const createKeyBody = z.object({
  name: text(100),
  workspace: entityId.nullable().meta({ description: 'The workspace the key is bound to; null makes an admin key.' }),
});

const keyMembers = {
  id: z.int().min(1),
  name: z.string(),
  workspace: entityId.nullable().meta({ description: 'null for an admin key.' }),
  hint: z.string().meta({ description: 'The first characters of the key, to tell keys apart.' }),
  createdAt: timestamp,
};

export const key = z.strictObject(keyMembers).meta({ id: 'Key' });

export const keyList = z.strictObject({ keys: z.array(key) });

export const createdKey = z.strictObject({
  ...keyMembers,
  key: z
    .string()
    .nullable()
    .meta({ description: 'Shown once and never stored: null when the answer is replayed for an Idempotency-Key.' }),
});

export const keyIdText = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/, 'must be the id of a key')
  .transform(Number)
  .meta({ override: { type: 'integer', minimum: 1 } });
