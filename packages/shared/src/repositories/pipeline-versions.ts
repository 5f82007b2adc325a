import { hasUpdateTime, type PipelineDefinition, pipelineDefinitionSchema } from '@penstock/domain';
import type { Prisma } from '../generated/prisma/client.js';
import type { PipelineSettings } from './pipelines.js';

/** Locks a pipeline and reads its current version: nobody else replaces it until the transaction ends. */
export async function lockDefinition(
  transaction: Prisma.TransactionClient,
  workspace: number,
  id: number,
): Promise<{ readonly version: number; readonly definition: PipelineDefinition } | undefined> {
  const locked = await transaction.$queryRaw<{ version: number }[]>`
    SELECT version FROM pipelines WHERE id = ${id} AND workspace_id = ${workspace} FOR UPDATE`;
  const [row] = locked;
  if (row === undefined) return undefined;
  const { definition } = await transaction.pipelineVersion.findUniqueOrThrow({
    where: { pipelineId_version: { pipelineId: id, version: row.version } },
  });
  return { version: row.version, definition: pipelineDefinitionSchema.parse(definition) };
}

/** Replaces what does not belong to a version. */
export async function updateSettings(
  transaction: Prisma.TransactionClient,
  id: number,
  settings: Omit<PipelineSettings, 'enabled'>,
): Promise<void> {
  await transaction.pipeline.update({
    where: { id },
    data: { ...settings, updatedAt: new Date() },
    select: { id: true },
  });
}

/** Makes a definition the next version. The cursor is cleared: what it says was imported, is no longer what is imported. */
export async function insertVersion(
  transaction: Prisma.TransactionClient,
  {
    id,
    version,
    definition,
  }: { readonly id: number; readonly version: number; readonly definition: PipelineDefinition },
): Promise<void> {
  await transaction.pipelineVersion.create({
    data: { pipelineId: id, version, definition: definition as Prisma.InputJsonObject },
  });
  await transaction.pipeline.update({
    where: { id },
    data: { version, cursor: null, hasUpdateTime: hasUpdateTime(definition) },
    select: { id: true },
  });
}
