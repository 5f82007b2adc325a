import { AppError } from '@penstock/domain';
import {
  type CompiledFunction,
  compileFunction,
  type FunctionProgram,
  type ObjectType,
  type Type,
  type Value,
} from '@penstock/language';
import { createFunctionSandboxes, type FunctionLimits, type FunctionSandbox } from '../src/index.js';

export const LIMITS: FunctionLimits = { batchTimeoutMs: 300, memoryBytes: 16 * 1024 * 1024 };

/** For what ends by itself, however busy the machine is. */
export const PATIENT: FunctionLimits = { ...LIMITS, batchTimeoutMs: 30_000 };

/** A schema with one property for each type, by name. */
export function schemaOf(types: Readonly<Record<string, Type>>): ObjectType {
  return {
    kind: 'object',
    properties: Object.entries(types).map(([name, type]) => ({ name, type, nullable: true, description: '' })),
  };
}

const ONE_INTEGER = schemaOf({ n: { kind: 'int', bitSize: 32 } });

/** A function over records `{n}` that gives `{n}`. */
export function compileSource(source: string): CompiledFunction {
  const definition = { language: 'JavaScript', source, preserveJSON: false, inPaths: ['n'], outPaths: ['n'] } as const;
  return compileFunction(definition, ONE_INTEGER, ONE_INTEGER);
}

export const never = new AbortController().signal;

export function openSandbox(source: string, limits: FunctionLimits = PATIENT): FunctionSandbox {
  return openProgram(compileSource(source).program, limits);
}

export function openProgram(program: FunctionProgram, limits: FunctionLimits = PATIENT): FunctionSandbox {
  return createFunctionSandboxes({ languages: ['JavaScript'], limits }).open(program);
}

/** Runs a function over numbers in a sandbox of its own: what it gives for each, a failure as its message. */
export async function runSource(source: string, numbers: readonly number[], limits = PATIENT): Promise<unknown[]> {
  const compiled = compileSource(source);
  const sandbox = openSandbox(source, limits);
  try {
    const answer = await sandbox.run(compiled.encodeBatch(numbers.map((n): Value[] => [n])), never);
    return compiled
      .decodeBatch(answer, numbers.length)
      .map((outcome) => (Array.isArray(outcome) ? outcome[0] : outcome.message));
  } finally {
    await sandbox.close();
  }
}

/** The code and the text of the AppError that running a function over one record ends with. */
export async function endOf(source: string, limits = LIMITS): Promise<{ code: string; message: string }> {
  try {
    const outcome = await runSource(source, [1], limits);
    return { code: 'none', message: JSON.stringify(outcome) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, message: error.message };
  }
}
