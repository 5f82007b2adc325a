import { AppError, generateApiKey, hashApiKey } from '@penstock/domain';
import {
  type ApiKeyRow,
  deleteApiKey,
  insertApiKey,
  insertApiKeyIfAbsent,
  listApiKeys,
} from '../../repositories/api-keys.js';
import { type IdempotencyClaim, storeIdempotentAnswerWith } from '../../repositories/idempotency-keys.js';
import { findWorkspace } from '../../repositories/workspaces.js';
import type { Dependencies } from '../dependencies.js';

const HINT_LENGTH = 10;

export interface NewKey {
  readonly name: string;
  /** null makes an admin key. */
  readonly workspace: number | null;
  readonly idempotency?: IdempotencyClaim | undefined;
}

export interface CreatedKey extends ApiKeyRow {
  /** The key itself: only its hash is stored, so this is the only time that it can be seen. */
  readonly key: string;
}

/** Makes an API key. A replayed answer does not have the key: it would have to be stored for that. @throws AppError NotFound */
export async function createKey({ database }: Pick<Dependencies, 'database'>, request: NewKey): Promise<CreatedKey> {
  const { name, workspace, idempotency } = request;
  if (workspace !== null && (await findWorkspace(database, workspace)) === undefined) {
    throw new AppError('NotFound', { message: 'workspace does not exist' });
  }
  const key = generateApiKey();
  const row = await database.prisma.$transaction(async (transaction) => {
    const inserted = await insertApiKey(transaction, { name, workspace, hash: hashApiKey(key), hint: hintOf(key) });
    const replay = { ...inserted, createdAt: inserted.createdAt.toISOString(), key: null };
    await storeIdempotentAnswerWith(transaction, idempotency, replay);
    return inserted;
  });
  return { ...row, key };
}

export function listKeys({ database }: Pick<Dependencies, 'database'>): Promise<ApiKeyRow[]> {
  return listApiKeys(database);
}

/** Deletes a key; from then on it is unknown. @throws AppError NotFound */
export async function deleteKey(
  { database }: Pick<Dependencies, 'database'>,
  { key }: { readonly key: number },
): Promise<void> {
  if (!(await deleteApiKey(database, key))) throw new AppError('NotFound', { message: 'API key does not exist' });
}

/** Makes a given key an admin key unless it is known: how an installation gets its first one. */
export async function ensureAdminKey({ database }: Pick<Dependencies, 'database'>, key: string): Promise<void> {
  await insertApiKeyIfAbsent(database, {
    name: 'first admin key',
    workspace: null,
    hash: hashApiKey(key),
    hint: hintOf(key),
  });
}

function hintOf(key: string): string {
  return key.slice(0, HINT_LENGTH);
}
