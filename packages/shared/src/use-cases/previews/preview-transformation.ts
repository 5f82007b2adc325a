import {
  compiledOf,
  type FunctionRunner,
  openTransformer,
  type Transformation,
  type Transformer,
} from '@penstock/engine';
import type { FunctionSandbox, FunctionSandboxes } from '@penstock/functions';
import type { Value } from '@penstock/language';
import { type TransformationPreview, transformationPreviewBody } from '../../contracts/previews.js';
import { compileDraft } from '../configuration/pipeline-rules/compile-draft.js';
import { readDraft } from '../configuration/pipeline-rules/draft.js';
import { patternStates } from '../configuration/pipeline-rules/schema-size.js';
import { readTransformation } from '../configuration/pipeline-rules/transformation-draft.js';
import { unsupported } from '../configuration/try-function.js';
import type { Dependencies } from '../dependencies.js';
import { RequestReader } from './read-request.js';
import { ResultRoom, requireRoom } from './result-room.js';
import { takeTurns } from './take-turns.js';
import { patternWeight, requireBearable, WorkBudget } from './work-bounds.js';

/** Records that a function gets together; fewer where their results are looked through for patterns, uninterrupted. */
const FUNCTION_BATCH = 100;
const PATTERN_BATCH = 10;

const plainMembers = transformationPreviewBody.omit({ transformation: true });

type Result = TransformationPreview['results'][number];

type Rows = readonly (readonly Value[])[];

/**
 * Transforms records as a run would, and keeps nothing of them.
 * @throws AppError BadRequest with all violations; UnsupportedLanguage; FunctionFailed, FunctionTimeout and
 *   FunctionOutOfMemory; ServiceUnavailable when a function's turn does not come
 */
export async function previewTransformation(
  { functions }: Pick<Dependencies, 'functions'>,
  body: unknown,
  signal: AbortSignal,
): Promise<TransformationPreview> {
  const { transformation, rows } = await readRequest(body, signal);
  requireLanguage(functions, transformation);
  requireBearable(transformation, rows);
  const weight = resultWeight(transformation);
  const transformer = openTransformer(transformation, (program) => limited(functions.open(program), weight));
  try {
    return { results: await transformAll(transformer, transformation, { rows, signal }) };
  } finally {
    await transformer.close();
  }
}

interface Preview {
  readonly transformation: Transformation;
  readonly rows: Rows;
}

async function readRequest(body: unknown, signal: AbortSignal): Promise<Preview> {
  const draft = readDraft(plainMembers, body);
  const request = new RequestReader(draft);
  const schemas = { inSchema: request.schema('inSchema'), outSchema: request.schema('outSchema') };
  const given = readTransformation((body as { readonly transformation?: unknown }).transformation);
  const { transformation, violations } = compileDraft(given, schemas, draft.members.purpose ?? 'Import');
  request.report(given.violations);
  request.report(violations);
  const rows = await request.rows(draft.members.records, schemas.inSchema, signal);
  request.check();
  if (transformation === undefined) throw new Error('a transformation without violations must have been compiled');
  return { transformation, rows };
}

function requireLanguage(functions: FunctionSandboxes, transformation: Transformation): void {
  if (transformation.by === 'mapping') return;
  const { language } = transformation.function.program;
  if (!functions.languages.includes(language)) throw unsupported(language, functions);
}

/** How long reading the results takes, for each character: they are looked through for patterns. */
function resultWeight(transformation: Transformation): number {
  const { outProperties } = compiledOf(transformation);
  return patternWeight(Math.max(0, ...outProperties.map(({ type }) => patternStates(type))));
}

/** A function whose answers are only read when they can be shown, and in time. */
function limited(sandbox: FunctionSandbox, weight: number): FunctionRunner {
  const budget = new WorkBudget(
    'make results that are too large for the patterns of outSchema: send fewer or smaller records',
  );
  return {
    run: async (batch, signal) => {
      const answer = requireRoom(await sandbox.run(batch, signal));
      budget.take(weight, answer.length);
      return answer;
    },
    close: () => sandbox.close(),
  };
}

interface Records {
  readonly rows: Rows;
  readonly signal: AbortSignal;
}

/** Expressions work on one record at a time, so that others get their turn; a function has a thread of its own. */
async function transformAll(
  transformer: Transformer,
  transformation: Transformation,
  { rows, signal }: Records,
): Promise<Result[]> {
  const room = new ResultRoom(compiledOf(transformation));
  const size = batchSize(transformation);
  const turn = takeTurns(signal);
  const results: Result[] = [];
  for (let start = 0; start < rows.length; start += size) {
    const outcomes = await transformer.transform(rows.slice(start, start + size), signal);
    for (const outcome of outcomes) {
      results.push(room.resultOf(outcome));
      await turn();
    }
  }
  return results;
}

function batchSize(transformation: Transformation): number {
  if (transformation.by === 'mapping') return 1;
  return resultWeight(transformation) === 0 ? FUNCTION_BATCH : PATTERN_BATCH;
}
