import type { Database } from '../platform/database.js';

export interface ApiKeyRow {
  readonly id: number;
  readonly name: string;
  /** null for an admin key. */
  readonly workspace: number | null;
  readonly hint: string;
  readonly createdAt: Date;
}

/** A key as authentication needs it, together with the workspace that it works on. */
export interface FoundApiKey {
  readonly id: number;
  readonly hash: Buffer;
  /** The workspace that the key is bound to; null for an admin key. */
  readonly workspace: number | null;
  /** The workspace that the request is about: the bound one, else the selected one. */
  readonly selected: number | null;
  readonly selectedExists: boolean;
}

const FIND = `
  SELECT k.id, k.hash, k.workspace_id AS workspace, coalesce(k.workspace_id, $2) AS selected, w.id IS NOT NULL AS "selectedExists"
  FROM api_keys k LEFT JOIN workspaces w ON w.id = coalesce(k.workspace_id, $2) AND w.deleted_at IS NULL
  WHERE k.hash = $1`;

/** Key and workspace in one prepared statement: it runs before every request. */
export async function findApiKey(
  { pool }: Pick<Database, 'pool'>,
  hash: Buffer,
  selected: number | null,
): Promise<FoundApiKey | undefined> {
  const { rows } = await pool.query<FoundApiKey>({ name: 'find-api-key', text: FIND, values: [hash, selected] });
  return rows[0];
}

export interface NewApiKey {
  readonly name: string;
  readonly workspace: number | null;
  readonly hash: Buffer;
  readonly hint: string;
}

/** Inserts a key unless one with the same hash exists. */
export async function insertApiKeyIfAbsent({ prisma }: Database, key: NewApiKey): Promise<void> {
  await prisma.apiKey.createMany({ data: [toData(key)], skipDuplicates: true });
}

export function insertApiKey(prisma: Pick<Database['prisma'], 'apiKey'>, key: NewApiKey): Promise<ApiKeyRow> {
  return prisma.apiKey.create({ data: toData(key), select: COLUMNS }).then(toRow);
}

/** Keys of admins and of workspaces that exist, oldest first. */
export async function listApiKeys({ prisma }: Database): Promise<ApiKeyRow[]> {
  const rows = await prisma.apiKey.findMany({ select: COLUMNS, orderBy: { id: 'asc' } });
  return rows.map(toRow);
}

/** Deletes a key; false when there is none. */
export async function deleteApiKey({ prisma }: Database, id: number): Promise<boolean> {
  const { count } = await prisma.apiKey.deleteMany({ where: { id } });
  return count === 1;
}

const COLUMNS = { id: true, name: true, workspaceId: true, hint: true, createdAt: true } as const;

function toRow({
  workspaceId,
  ...row
}: Omit<ApiKeyRow, 'workspace'> & { readonly workspaceId: number | null }): ApiKeyRow {
  return { ...row, workspace: workspaceId };
}

function toData({ name, workspace, hash, hint }: NewApiKey) {
  return { name, workspaceId: workspace, hash: new Uint8Array(hash), hint };
}
