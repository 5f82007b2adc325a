import type { Database } from '../../platform/database.js';
import type { AlterationRequest } from './operation.js';

type Queryable = Pick<Database['pool'], 'query'>;

interface ResolutionSettings {
  readonly identifiers: readonly string[];
  readonly primarySources: Readonly<Record<string, number>>;
}

/**
 * Gives a workspace the schema that its warehouse has been altered to, within a transaction. Identifiers and, unless the request
 * names others, primary sources follow their properties, or go with them.
 */
export async function adoptSchema(client: Queryable, workspace: number, request: AlterationRequest): Promise<void> {
  const { rows } = await client.query<ResolutionSettings>(
    `SELECT identifiers, primary_sources AS "primarySources" FROM workspaces WHERE id = $1 FOR NO KEY UPDATE`,
    [workspace],
  );
  const [current] = rows;
  if (current === undefined) return;
  const newPaths = new Map(Object.entries(request.kept).map(([path, oldPath]) => [oldPath, path]));
  const identifiers = current.identifiers.flatMap((identifier) => newPaths.get(identifier) ?? []);
  const primarySources = request.primarySources ?? follow(current.primarySources, newPaths);
  await client.query(
    `UPDATE workspaces SET profile_schema = $2, identifiers = $3, resolution_settings_at = clock_timestamp(),
       primary_sources = (SELECT coalesce(jsonb_object_agg(s.key, s.value), '{}') FROM jsonb_each($4::jsonb) s
         JOIN connections c ON c.id = s.value::int AND c.workspace_id = $1)
     WHERE id = $1`,
    [workspace, JSON.stringify(request.schema), identifiers, JSON.stringify(primarySources)],
  );
}

function follow(
  sources: Readonly<Record<string, number>>,
  newPaths: ReadonlyMap<string, string>,
): Record<string, number> {
  const followed: Record<string, number> = {};
  for (const [path, connection] of Object.entries(sources)) {
    const newPath = newPaths.get(path);
    if (newPath !== undefined) followed[newPath] = connection;
  }
  return followed;
}
