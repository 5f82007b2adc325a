import type { OutgoingRecord, RecordOutcome } from '@penstock/engine';
import { isPropertyName } from '@penstock/language';

/** What HubSpot says of a batch. All members may be missing. */
interface BatchAnswer {
  readonly results?: unknown;
  readonly errors?: unknown;
}

interface BatchError {
  readonly message?: unknown;
  readonly category?: unknown;
  readonly context?: Readonly<Record<string, unknown>> | null;
  readonly errors?: unknown;
}

/** What a batch is asked to trace a record by: its position. */
export function traceId(position: number): string {
  return String(position);
}

const UNTOLD = 'HubSpot did not say what became of the contact';

/**
 * What became of each record of a batch that HubSpot took: results and errors name records by trace or by identifier, in any order. An error
 * that names none is about all that nothing else is said of.
 */
export function batchOutcomes(json: unknown, records: readonly OutgoingRecord[]): RecordOutcome[] {
  const { results, errors } = (json ?? {}) as BatchAnswer;
  const outcomes: (RecordOutcome | undefined)[] = records.map(() => undefined);
  const positions = new Map(records.map(({ externalId }, position) => [externalId, position]));
  const entries = Array.isArray(results) ? (results as readonly Readonly<Record<string, unknown>>[]) : [];
  for (const result of entries) {
    const id = typeof result?.id === 'string' ? result.id : null;
    for (const position of positionsOf([result?.objectWriteTraceId], [id], positions, records.length)) {
      outcomes[position] = { kind: 'accepted', externalId: id };
    }
  }
  const failures = Array.isArray(errors) ? (errors as readonly BatchError[]) : [];
  let ofOthers = UNTOLD;
  for (const error of failures) {
    const message = errorMessage(error);
    const named = namedBy(error, positions, records.length);
    for (const position of named) outcomes[position] = { kind: 'rejected', message };
    if (named.length === 0) ofOthers = message;
  }
  // All were taken, but which one is which is not said.
  const isUntraced = outcomes.every((outcome) => outcome === undefined) && failures.length === 0;
  if (isUntraced && entries.filter((result) => typeof result?.id === 'string').length === records.length) {
    return records.map(({ externalId }) => ({ kind: 'accepted', externalId }));
  }
  return outcomes.map((outcome) => outcome ?? { kind: 'rejected', message: ofOthers });
}

/** What is wrong, without the values that HubSpot's own words have in them. */
export function errorMessage(error: unknown): string {
  const { message, category } = (error ?? {}) as BatchError;
  const existing = /Existing ID: (\d{1,30})/.exec(String(message))?.[1];
  if (existing !== undefined) return `HubSpot has a contact with the same unique values already, with ID ${existing}`;
  if (category === 'OBJECT_NOT_FOUND') return 'the contact does not exist in HubSpot any more';
  if (category === 'CONFLICT') return 'HubSpot has a contact with the same unique values already';
  const details = [...new Set(problemsOf(String(message)))].slice(0, 10);
  const code = typeof category === 'string' && /^[A-Z_]{1,60}$/.test(category) ? ` (${category})` : '';
  return `HubSpot refused the contact${code}${details.length === 0 ? '' : `: ${details.join(', ')}`}`;
}

/** A text such as `Property values were not valid: [{"error": "INVALID_EMAIL", "name": "email"}]` has names and codes in it. */
function problemsOf(message: string): string[] {
  const start = message.indexOf('[{');
  const json: unknown = start === -1 ? [] : parsed(message.slice(start));
  const problems = Array.isArray(json) ? (json as readonly Readonly<Record<string, unknown>>[]) : [];
  return problems.flatMap((problem) => {
    const { error, name } = problem ?? {};
    const isKnown = typeof error === 'string' && /^[A-Z_]{1,60}$/.test(error);
    return isKnown && typeof name === 'string' && isPropertyName(name) ? [`property ${name} is ${error}`] : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}

function namedBy(error: BatchError, positions: ReadonlyMap<string | null, number>, count: number): number[] {
  const context = error?.context ?? {};
  return positionsOf(
    listOf(context.objectWriteTraceId),
    [...listOf(context.ids), ...listOf(context.id)],
    positions,
    count,
  );
}

function positionsOf(
  traces: readonly unknown[],
  ids: readonly unknown[],
  positions: ReadonlyMap<string | null, number>,
  count: number,
): number[] {
  const traced = traces.flatMap((trace) => {
    const position = typeof trace === 'string' && /^\d{1,3}$/.test(trace) ? Number(trace) : -1;
    return position >= 0 && position < count ? [position] : [];
  });
  if (traced.length > 0) return traced;
  return ids.flatMap((id) => (typeof id === 'string' ? (positions.get(id) ?? []) : []));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
