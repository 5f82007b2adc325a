import { AppError } from '@penstock/domain';
import { type CompiledFunction, compileFunction, type Value } from '@penstock/language';
import { createFunctionSandboxes, type FunctionLimits, type FunctionSandbox } from '../src/index.js';
import { never, schemaOf } from './support.js';

/** For what ends by itself, however busy the machine is. */
export const PATIENT: FunctionLimits = { batchTimeoutMs: 30_000, memoryBytes: 32 * 1024 * 1024 };

/** For what has to be ended. */
export const IMPATIENT: FunctionLimits = { ...PATIENT, batchTimeoutMs: 500 };

const ONE_INTEGER = schemaOf({ n: { kind: 'int', bitSize: 32 } });

/** A function over records `{n}` that gives `{n}`. */
export function compilePython(source: string): CompiledFunction {
  const definition = { language: 'Python', source, preserveJSON: false, inPaths: ['n'], outPaths: ['n'] } as const;
  return compileFunction(definition, ONE_INTEGER, ONE_INTEGER);
}

export function openPython(compiled: CompiledFunction, limits: FunctionLimits = PATIENT): FunctionSandbox {
  return createFunctionSandboxes({ languages: ['Python'], limits }).open(compiled.program);
}

/** Runs a function over rows: the values that it gives for each, or its failure as `code: message`. */
export async function runRows(
  compiled: CompiledFunction,
  rows: readonly (readonly Value[])[],
  sandbox: FunctionSandbox,
): Promise<unknown[]> {
  const answer = await sandbox.run(compiled.encodeBatch(rows), never);
  return compiled
    .decodeBatch(answer, rows.length)
    .map((outcome) => (Array.isArray(outcome) ? outcome : `${outcome.code}: ${outcome.message}`));
}

/** The code and the text of the AppError that running a function over one record ends with. */
export async function endOfPython(source: string, limits: FunctionLimits): Promise<{ code: string; message: string }> {
  const compiled = compilePython(source);
  const sandbox = openPython(compiled, limits);
  try {
    return { code: 'none', message: JSON.stringify(await runRows(compiled, [[1]], sandbox)) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, message: error.message };
  } finally {
    await sandbox.close();
  }
}
