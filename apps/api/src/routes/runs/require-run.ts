import { AppError } from '@penstock/domain';
import { findRun, type RunRow } from '@penstock/shared/repositories';
import type { ApiDependencies } from '../../dependencies.js';

/** A run of the workspace. @throws AppError NotFound */
export async function requireRun({ database }: ApiDependencies, workspace: number, run: number): Promise<RunRow> {
  const found = await findRun(database, workspace, run);
  if (found === undefined) throw new AppError('NotFound', { message: 'pipeline run does not exist' });
  return found;
}
