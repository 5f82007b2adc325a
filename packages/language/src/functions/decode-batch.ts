import { type Value, ValueFailure } from '../values/value.js';
import { notAnAnswer, parseJson, readAnswer } from './read-answer.js';
import type { RecordReader } from './record-reader.js';
import { Refusal } from './refusal.js';
import { type AnswerHeader, MAX_FAILURE_LENGTH } from './wire.js';

type Outcome = Value[] | ValueFailure;

/** How the text of a value of the body is to be taken. */
const PLAIN = 0;
const NULL = 1;
const ABSENT = 2;
const JSON_TEXT = 3;

/** Reads the answer to a batch, whose form `wire.ts` describes. Throws FunctionAnswerError. */
export function decodeBatch(reader: RecordReader, answer: string, count: number): readonly Outcome[] {
  const { header, values } = readAnswer(answer, count, reader.width);
  const outcomes = new Array<Outcome | undefined>(count);
  placeFailed(header, outcomes);
  placeWhole(reader, header, outcomes);
  const forms = valueForms(header, values.length);
  let position = 0;
  return Array.from(outcomes, (outcome) => {
    if (outcome !== undefined) return outcome;
    const start = position;
    position += reader.width;
    return readPlain(reader, { values, forms, start });
  });
}

/** A record that both failed and has a result makes a record too few: the positions of the others would not add up. */
function place(outcomes: (Outcome | undefined)[], index: number, outcome: Outcome): void {
  if (outcomes[index] !== undefined) throw notAnAnswer();
  outcomes[index] = outcome;
}

function placeFailed({ failed }: AnswerHeader, outcomes: (Outcome | undefined)[]): void {
  for (const [index, code, text] of failed) {
    place(outcomes, index, new ValueFailure('Transformation', code, text.slice(0, MAX_FAILURE_LENGTH).toWellFormed()));
  }
}

function placeWhole(reader: RecordReader, { whole }: AnswerHeader, outcomes: (Outcome | undefined)[]): void {
  for (const [index, text] of whole) {
    const out = new Array<Value>(reader.outWidth).fill(null);
    const refusal = reader.readWhole(parseJson(text), out);
    place(outcomes, index, refusal instanceof Refusal ? refusal.toFailure() : (refusal ?? out));
  }
}

function valueForms({ nulls, absent, json }: AnswerHeader, length: number): Uint8Array {
  const forms = new Uint8Array(length);
  for (const position of nulls) forms[position] = NULL;
  for (const position of absent) forms[position] = ABSENT;
  for (const position of json) forms[position] = JSON_TEXT;
  return forms;
}

interface PlainRecord {
  readonly values: readonly string[];
  readonly forms: Uint8Array;
  readonly start: number;
}

function readPlain(reader: RecordReader, { values, forms, start }: PlainRecord): Outcome {
  const { slots } = reader;
  const out = new Array<Value>(reader.outWidth).fill(null);
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index];
    const text = values[start + index] ?? '';
    if (slot === undefined) continue;
    const form = forms[start + index];
    const refusal = form === PLAIN ? slot.readText(text, out) : slot.read(formValue(form, text), out);
    if (refusal !== undefined) return refusal.toFailure();
  }
  return out;
}

function formValue(form: number | undefined, text: string): unknown {
  if (form === NULL) return null;
  return form === ABSENT ? undefined : (parseJson(text) ?? notJsonValue);
}

/** Stands for a text that should be JSON and is not: a value of no type. */
const notJsonValue = Symbol('not JSON');
