import { AppError, type ErrorDetail } from '@penstock/domain';
import { type ObjectType, parseSchema, type Type, typeText } from '@penstock/language';
import { refuse } from '../../contracts/violations.js';
import { inTransaction } from '../../platform/database.js';
import { findProperty } from '../configuration/pipeline-rules/find-property.js';
import { requireWorkspace } from '../configuration/workspaces.js';
import type { Dependencies } from '../dependencies.js';

export interface ResolutionSettings {
  readonly runOnBatchImport: boolean;
  /** Paths, the most important first. */
  readonly identifiers: string[];
}

/** How the identities of a workspace are resolved. @throws AppError NotFound */
export async function getResolutionSettings(
  deps: Pick<Dependencies, 'database'>,
  workspace: number,
): Promise<ResolutionSettings> {
  const { runOnBatchImport, identifiers } = await requireWorkspace(deps, workspace);
  return { runOnBatchImport, identifiers: [...identifiers] };
}

/**
 * Sets how the identities of a workspace are resolved, from the next resolution on.
 * @throws AppError NotFound, PropertyNotExist, TypeNotAllowed, each with all identifiers that it is about
 */
export async function setResolutionSettings(
  { database }: Pick<Dependencies, 'database'>,
  { workspace, runOnBatchImport, identifiers }: ResolutionSettings & { readonly workspace: number },
): Promise<void> {
  await inTransaction(database.pool, async (client) => {
    // Locked, so that an alteration of the schema takes these identifiers along.
    const { rows } = await client.query<{ profileSchema: unknown }>(
      `SELECT profile_schema AS "profileSchema" FROM workspaces WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`,
      [workspace],
    );
    const [row] = rows;
    if (row === undefined) throw new AppError('NotFound', { message: 'workspace does not exist' });
    checkIdentifiers(parseSchema(row.profileSchema), identifiers);
    await client.query(
      `UPDATE workspaces SET run_on_batch_import = $2, identifiers = $3, resolution_settings_at = CASE
         WHEN identifiers = $3 AND run_on_batch_import = $2 THEN resolution_settings_at ELSE clock_timestamp() END
       WHERE id = $1`,
      [workspace, runOnBatchImport, identifiers],
    );
  });
}

function checkIdentifiers(schema: ObjectType, identifiers: readonly string[]): void {
  const missing: ErrorDetail[] = [];
  const unfit: ErrorDetail[] = [];
  for (const [index, identifier] of identifiers.entries()) {
    const path = `identifiers[${index}]`;
    const type = findProperty(schema, identifier)?.type;
    if (type === undefined)
      missing.push({ path, message: `names "${identifier}", which the profile schema does not have` });
    else if (!canIdentify(type))
      unfit.push({ path, message: `names "${identifier}", which has type ${typeText(type)}: it must be ${FIT}` });
  }
  if (missing.length > 0) throw refuse(missing, 'PropertyNotExist');
  if (unfit.length > 0) throw refuse(unfit, 'TypeNotAllowed');
}

const FIT = 'string, int, uuid, ip, or decimal without decimals';

const IDENTIFYING: ReadonlySet<Type['kind']> = new Set(['string', 'int', 'uuid', 'ip']);

function canIdentify(type: Type): boolean {
  return IDENTIFYING.has(type.kind) || (type.kind === 'decimal' && !type.scale);
}
