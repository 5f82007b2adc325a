import { compiledOf, openTransformer, type Transformation, type Transformer } from '@penstock/engine';
import type { FunctionSandboxes } from '@penstock/functions';
import { type Value, ValueFailure } from '@penstock/language';
import { type TransformationPreview, transformationPreviewBody } from '../../contracts/previews.js';
import { refuse } from '../../contracts/violations.js';
import { compileDraft } from '../configuration/pipeline-rules/compile-draft.js';
import { readDraft } from '../configuration/pipeline-rules/draft.js';
import { readTransformation } from '../configuration/pipeline-rules/transformation-draft.js';
import { unsupported } from '../configuration/try-function.js';
import type { Dependencies } from '../dependencies.js';
import { inSlices } from './in-slices.js';
import { type OutputShape, outputRecord, weightOf } from './output-records.js';
import { RequestReader } from './read-request.js';

/** Text of the results of one preview, in characters: an expression can make much of little. */
const MAX_RESULT_CHARACTERS = 8 * 1024 * 1024;

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
  const { transformation, rows } = readRequest(body);
  requireLanguage(functions, transformation);
  const transformer = openTransformer(transformation, (program) => functions.open(program));
  try {
    return { results: await transformAll(transformer, compiledOf(transformation), { rows, signal }) };
  } finally {
    await transformer.close();
  }
}

function readRequest(body: unknown): { readonly transformation: Transformation; readonly rows: Rows } {
  const draft = readDraft(plainMembers, body);
  const request = new RequestReader(draft);
  const schemas = { inSchema: request.schema('inSchema'), outSchema: request.schema('outSchema') };
  const given = readTransformation((body as { readonly transformation?: unknown }).transformation);
  const { transformation, violations } = compileDraft(given, schemas, draft.members.purpose);
  request.violations.push(...given.violations, ...violations);
  const rows = request.rows(draft.members.records, schemas.inSchema);
  request.check();
  if (transformation === undefined) throw new Error('a transformation without violations must have been compiled');
  return { transformation, rows };
}

function requireLanguage(functions: FunctionSandboxes, transformation: Transformation): void {
  if (transformation.by === 'mapping') return;
  const { language } = transformation.function.program;
  if (!functions.languages.includes(language)) throw unsupported(language, functions);
}

interface Records {
  readonly rows: Rows;
  readonly signal: AbortSignal;
}

async function transformAll(
  transformer: Transformer,
  shape: OutputShape,
  { rows, signal }: Records,
): Promise<Result[]> {
  let weight = 0;
  return inSlices(rows, signal, async (slice) => {
    const outcomes = await transform(transformer, slice, signal);
    for (const outcome of outcomes) weight += outcome instanceof ValueFailure ? 0 : weightOf(outcome);
    if (weight > MAX_RESULT_CHARACTERS) throw tooMuch();
    return outcomes.map((outcome) => resultOf(outcome, shape));
  });
}

async function transform(transformer: Transformer, rows: Rows, signal: AbortSignal) {
  try {
    return await transformer.transform(rows, signal);
  } catch (error) {
    // A text that is longer than any text can be.
    if (error instanceof RangeError) throw tooMuch();
    throw error;
  }
}

function resultOf(outcome: readonly Value[] | ValueFailure, shape: OutputShape): Result {
  if (!(outcome instanceof ValueFailure)) return { output: outputRecord(shape, outcome) };
  const { message } = outcome;
  return { error: { step: outcome.step === 'OutputValidation' ? 'OutputValidation' : 'Transformation', message } };
}

function tooMuch() {
  return refuse([{ path: 'records', message: 'make more than 8 MB of results: send fewer or smaller records' }]);
}
