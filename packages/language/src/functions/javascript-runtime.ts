import { COLUMN_SEPARATOR, MAX_FAILURE_LENGTH, SEPARATOR } from './wire.js';

/**
 * What every bridge of JavaScript has, in JavaScript. It runs before the user's source and keeps what it needs of the language:
 * the source may replace any of it. Tampering beyond that only harms the function itself, as its answers are never trusted.
 *
 * Strings go through `flat` into one text, because writing JSON costs the interpreter three times as much. A result that is
 * not an ordinary object with just the expected properties is written as JSON as a whole.
 */
export const JAVASCRIPT_RUNTIME = String.raw`
const { parse, stringify } = JSON;
const { keys, getPrototypeOf, hasOwn, defineProperty } = Object;
const { isArray } = Array;
const { isFinite } = Number;
const uncurry = (method) => Function.prototype.call.bind(method);
const join = uncurry(Array.prototype.join);
const push = uncurry(Array.prototype.push);
const includes = uncurry(String.prototype.includes);
const isWellFormed = uncurry(String.prototype.isWellFormed);
const slice = uncurry(String.prototype.slice);
const split = uncurry(String.prototype.split);
const toText = String;
const toInteger = BigInt;
const toNumber = Number;
const ordinary = Object.prototype;
const AnyError = Error;
const EngineError = InternalError;
const AnyPromise = Promise;
const WrongType = TypeError;

const COLUMN_SEPARATOR = ${JSON.stringify(COLUMN_SEPARATOR)};
const SEPARATOR = ${JSON.stringify(SEPARATOR)};
const MAX_FAILURE_LENGTH = ${MAX_FAILURE_LENGTH};

let flat, nulls, absent, json, failed, whole;
let flatBefore, nullsBefore, absentBefore, jsonBefore, isWriting;

function reset() {
  flat = []; nulls = []; absent = []; json = []; failed = []; whole = [];
}

function asData(key, value) {
  if (typeof value === 'bigint') return toText(value);
  return typeof value === 'number' && !isFinite(value) ? toText(value) : value;
}

/* The text of a value that is not of the expected type. */
function odd(value, position) {
  if (value === null) {
    push(nulls, position);
    return '';
  }
  isWriting = true;
  const text = value === undefined ? undefined : stringify(value, asData);
  if (typeof text !== 'string') {
    push(absent, position);
    return '';
  }
  push(json, position);
  return text;
}

/* A record that cannot be written to its end leaves nothing in the body. */
function startRecord() {
  flatBefore = flat.length; nullsBefore = nulls.length; absentBefore = absent.length; jsonBefore = json.length;
  isWriting = false;
}

function undoRecord() {
  flat.length = flatBefore; nulls.length = nullsBefore; absent.length = absentBefore; json.length = jsonBefore;
}

function isOrdinary(result) {
  return typeof result === 'object' && result !== null && getPrototypeOf(result) === ordinary;
}

function writeWhole(result, index) {
  isWriting = true;
  const text = stringify(result, asData);
  push(whole, [index, typeof text === 'string' ? text : 'null']);
}

function writeOther(result, index) {
  if (result instanceof AnyPromise) {
    refuse(index, 'NotAnObject', 'transformed value is a promise; transform must not be async');
  } else if (typeof result === 'object' && result !== null && !isArray(result)) {
    writeWhole(result, index);
  } else {
    const kind = result === null ? 'null' : isArray(result) ? 'array' : typeof result;
    refuse(index, 'NotAnObject', 'transformed value is ' + kind + ', not object');
  }
}

function refuse(index, code, text) {
  push(failed, [index, code, slice(text, 0, MAX_FAILURE_LENGTH)]);
}

function isExhausted(error, memoryIsExhausted) {
  if (error === null) return memoryIsExhausted();
  return error instanceof EngineError && error.message === 'out of memory';
}

function textOf(error) {
  try {
    if (error instanceof AnyError) return 'JavaScript: ' + error.toString();
    return 'JavaScript: throw error of type ' + typeof error + ': ' + stringify(error, asData);
  } catch {
    return 'JavaScript: an error without a text';
  }
}

function fail(index, error) {
  const text = textOf(error);
  if (isWriting && error instanceof WrongType && includes(text, 'circular ')) {
    refuse(index, 'CircularReference', 'transformed value contains a circular reference');
  } else {
    refuse(index, 'FunctionThrew', text);
  }
}

function answer() {
  let body = join(flat, '');
  const isPlain = isWellFormed(body) && !includes(body, SEPARATOR) && !includes(body, '\0');
  let values = null;
  if (isPlain) {
    body = join(flat, SEPARATOR);
  } else {
    body = '';
    values = [];
    for (let i = 0; i < flat.length; i++) values[i] = toText(flat[i]);
  }
  const header = stringify({ nulls, absent, json, failed, whole, values });
  reset();
  return header + '\n' + body;
}

function areKnown(names) {
  for (let i = 0; i < names.length; i++) if (known[names[i]] !== true) return false;
  return true;
}

function valuesOf(column) {
  return typeof column === 'string' ? split(column, COLUMN_SEPARATOR) : column;
}

function eachElement(list, read) {
  for (let i = 0; i < list.length; i++) if (list[i] !== null) list[i] = read(list[i]);
  return list;
}

function eachMember(map, read) {
  const names = keys(map);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (map[name] !== null) map[name] = read(map[name]);
  }
  return map;
}

function member(object, name, read) {
  if (hasOwn(object, name) && object[name] !== null) object[name] = read(object[name]);
}
`;
