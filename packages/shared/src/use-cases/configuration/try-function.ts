import { AppError, type ErrorCode, type PipelineDefinition } from '@penstock/domain';
import type { FunctionSandboxes } from '@penstock/functions';
import { compileFunction, parseSchema } from '@penstock/language';
import { refuse } from '../../contracts/violations.js';

/** What a function is told at once instead of at its first run. */
const OF_THE_SOURCE: ReadonlySet<ErrorCode> = new Set(['FunctionFailed', 'FunctionTimeout', 'FunctionOutOfMemory']);

/**
 * Starts the function of a definition, if it has one, and hands it no records.
 * @throws AppError UnsupportedLanguage; BadRequest when the function cannot be run
 */
export async function tryFunction(
  functions: FunctionSandboxes,
  definition: PipelineDefinition,
  signal: AbortSignal,
): Promise<void> {
  if (!('transformation' in definition)) return;
  const { transformation } = definition;
  if (!('function' in transformation)) return;
  const { language } = transformation.function;
  if (!functions.languages.includes(language)) throw unsupported(language, functions);
  const [inSchema, outSchema] = [parseSchema(definition.inSchema), parseSchema(definition.outSchema)];
  const compiled = compileFunction(transformation.function, inSchema, outSchema);
  const sandbox = functions.open(compiled.program);
  try {
    await sandbox.run(compiled.encodeBatch([]), signal);
  } catch (error) {
    if (!(error instanceof AppError) || !OF_THE_SOURCE.has(error.code)) throw error;
    throw refuse([{ path: 'transformation.function.source', message: error.message }]);
  } finally {
    await sandbox.close();
  }
}

/** Says which language this installation does not have, and which it has. */
export function unsupported(language: string, { languages }: Pick<FunctionSandboxes, 'languages'>): AppError {
  const known =
    languages.length === 0 ? 'write a mapping' : `write it in ${languages.join(' or ')}, or write a mapping`;
  return new AppError('UnsupportedLanguage', {
    message: `transformation functions in ${language} are not available on this installation: ${known}`,
  });
}
