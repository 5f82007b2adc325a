import { FunctionAnswerError } from './compiled-function.js';
import { type AnswerHeader, RECORD_FAILURES, SEPARATOR } from './wire.js';

/** An answer that has the form of one. What its values are is not known yet. */
export interface Answer {
  readonly header: AnswerHeader;
  readonly values: readonly string[];
}

/**
 * Takes apart the answer to a batch of `count` records whose plain results have `width` values. Throws FunctionAnswerError
 * unless every record has exactly one outcome and every position is one of the body's.
 */
export function readAnswer(answer: string, count: number, width: number): Answer {
  const end = answer.indexOf('\n');
  const header = end === -1 ? undefined : parseHeader(answer.slice(0, end));
  if (header === undefined) throw notAnAnswer();
  const plain = count - header.failed.length - header.whole.length;
  const values = header.values ?? splitBody(answer.slice(end + 1), plain);
  if (values.length !== plain * width) throw notAnAnswer();
  const { nulls, absent, json, failed, whole } = header;
  for (const positions of [nulls, absent, json]) checkAscending(positions, values.length);
  for (const outcomes of [failed, whole])
    checkAscending(
      outcomes.map(([index]) => index),
      count,
    );
  return { header, values };
}

export function notAnAnswer(): FunctionAnswerError {
  return new FunctionAnswerError(
    'the function has changed how its results are handed over; it must not change built-ins',
  );
}

function splitBody(body: string, plain: number): readonly string[] {
  return plain === 0 && body === '' ? [] : body.split(SEPARATOR);
}

function checkAscending(numbers: readonly number[], limit: number): void {
  let last = -1;
  for (const number of numbers) {
    if (!Number.isInteger(number) || number <= last || number >= limit) throw notAnAnswer();
    last = number;
  }
}

function parseHeader(text: string): AnswerHeader | undefined {
  const header = parseJson(text);
  return isHeader(header) ? header : undefined;
}

/** What a JSON text says; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isHeader(value: unknown): value is AnswerHeader {
  if (typeof value !== 'object' || value === null) return false;
  const { nulls, absent, json, failed, whole, values } = value as Partial<Record<keyof AnswerHeader, unknown>>;
  return (
    [nulls, absent, json].every((positions) => isListOf(positions, isNumber)) &&
    isListOf(failed, isFailed) &&
    isListOf(whole, isWhole) &&
    (values === null || isListOf(values, isText))
  );
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isFailed(value: unknown): value is AnswerHeader['failed'][number] {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [index, code, text] = value as readonly unknown[];
  return isNumber(index) && RECORD_FAILURES.some((known) => known === code) && isText(text);
}

function isWhole(value: unknown): value is AnswerHeader['whole'][number] {
  return Array.isArray(value) && value.length === 2 && isNumber(value[0]) && isText(value[1]);
}
