import { AppError } from '@penstock/domain';
import { createFunctionSandboxes, type FunctionSandboxes } from '@penstock/functions';
import {
  type CompiledFunction,
  compileFunction,
  FunctionError,
  type FunctionLanguage,
  type Value,
  ValueFailure,
} from '@penstock/language';
import { codeBlocks } from './documents.js';
import { dataOf, IN_SCHEMA, OUT_SCHEMA, rowOf } from './language-examples.js';

const LANGUAGES: ReadonlyMap<string, FunctionLanguage> = new Map([
  ['js', 'JavaScript'],
  ['python', 'Python'],
]);

const MEMORY_BYTES = 32 * 1024 * 1024;
/** Nothing else than an example about it exceeds the time, however busy the machine is. */
const PATIENT_MS = 30_000;
const IMPATIENT_MS = 300;

/** A block of code whose comments say what it reads and writes, and what becomes of records. */
export interface FunctionExample {
  readonly language: FunctionLanguage;
  readonly source: string;
  readonly preserveJSON: boolean;
  readonly inPaths: readonly string[];
  readonly outPaths: readonly string[];
  readonly records: readonly string[];
  /** `result: ...`, `fails at ...: ...` or `ends: ...`, as many as records, or one. */
  readonly outcomes: readonly string[];
}

/** The functions among the blocks of a text, by their first line of code. */
export function functionExamples(text: string): FunctionExample[] {
  return codeBlocks(text).flatMap((block) => {
    const language = LANGUAGES.get(block.language);
    return language === undefined ? [] : [readExample(language, block.text)];
  });
}

function readExample(language: FunctionLanguage, source: string): FunctionExample {
  const notes = [...source.matchAll(/^(?:\/\/|#) (.*)$/gm)].map(([, note = '']) => note);
  const all = (key: string) =>
    notes.filter((note) => note.startsWith(`${key}: `)).map((note) => note.slice(key.length + 2));
  return {
    language,
    source,
    preserveJSON: notes.includes('preserveJSON'),
    inPaths: all('reads').join().split(', '),
    outPaths: all('writes').join().split(', '),
    records: all('record'),
    outcomes: notes.filter((note) => /^(?:result|fails at \w+|ends): /.test(note)),
  };
}

/** Whether functions in a language can be run here. */
export async function isAvailable(language: FunctionLanguage): Promise<boolean> {
  const definition = { language, source: 'none', preserveJSON: false, inPaths: ['name'], outPaths: ['text'] };
  try {
    const { program } = compileFunction(definition, IN_SCHEMA, OUT_SCHEMA);
    await sandboxesOf(language, PATIENT_MS).open(program).close();
    return true;
  } catch (error) {
    if (error instanceof FunctionError || (error instanceof AppError && error.code === 'UnsupportedLanguage'))
      return false;
    throw error;
  }
}

function sandboxesOf(language: FunctionLanguage, batchTimeoutMs: number): FunctionSandboxes {
  return createFunctionSandboxes({ languages: [language], limits: { batchTimeoutMs, memoryBytes: MEMORY_BYTES } });
}

/** Runs an example in a sandbox; the outcomes are in the form that the documents have. */
export async function functionOutcomes(example: FunctionExample): Promise<string[]> {
  const compiled = compileFunction(example, IN_SCHEMA, OUT_SCHEMA);
  const isAboutTime = example.outcomes.includes('ends: FunctionTimeout');
  const sandbox = sandboxesOf(example.language, isAboutTime ? IMPATIENT_MS : PATIENT_MS).open(compiled.program);
  const rows = example.records.map((record) => rowOf(JSON.parse(record) as Record<string, unknown>));
  try {
    const answer = await sandbox.run(compiled.encodeBatch(rows), new AbortController().signal);
    return compiled.decodeBatch(answer, rows.length).map((outcome) => outcomeText(compiled, outcome));
  } catch (error) {
    if (error instanceof AppError) return [endText(error)];
    throw error;
  } finally {
    await sandbox.close();
  }
}

/** The messages about time and memory say the limits, which here are not those of an installation. */
function endText({ code, message }: AppError): string {
  return code === 'FunctionFailed' ? `ends: ${code}: ${message}` : `ends: ${code}`;
}

function outcomeText({ outPaths, outProperties }: CompiledFunction, outcome: Value[] | ValueFailure): string {
  if (outcome instanceof ValueFailure) return `fails at ${outcome.step}: ${outcome.message}`;
  const result: Record<string, unknown> = {};
  for (const [index, path] of outPaths.entries()) {
    const property = outProperties[index];
    const data = property && dataOf(property.type, outcome[index] ?? null);
    if (data !== undefined) setAt(result, path.split('.'), data);
  }
  return `result: ${JSON.stringify(result)}`;
}

function setAt(object: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) object[name] = value;
  else {
    const inner = (object[name] ?? {}) as Record<string, unknown>;
    object[name] = inner;
    setAt(inner, rest, value);
  }
}
