import type { Property, Type } from '../types/type.js';
import type { BridgeLayout } from './dialect.js';
import { JAVASCRIPT_RUNTIME } from './javascript-runtime.js';
import { type SelectedProperty, selectedType } from './selection.js';

/**
 * The code that makes records of a batch, calls the function with each and writes the answer. It is an expression: a function
 * that takes a test for whether the memory is used up and gives a function that takes `transform` and gives one that answers
 * batches. What is known of the properties is written out in code, which spares the interpreter a loop for each record.
 */
export function javaScriptBridge({ input, output, preserveJSON }: BridgeLayout): string {
  return `(function (memoryIsExhausted) {
'use strict';
${JAVASCRIPT_RUNTIME}
globalThis.console = { log() {}, debug() {}, info() {}, warn() {}, error() {}, trace() {} };
${recordMaker(input, preserveJSON)}
const known = { __proto__: null, ${output.map(({ property }) => `${memberKey(property.name)}: true`).join(', ')} };
const canBePlain = ${canBePlain(output)};
${resultWriter(output, preserveJSON)}
return (transform) => (batch) => {
  reset();
  const columns = parse(batch);
  load(columns);
  const count = columns[0];
  for (let index = 0; index < count; index++) {
    startRecord();
    try {
      const result = transform(makeRecord(index));
      if (isOrdinary(result)) writeOrdinary(result, index);
      else writeOther(result, index);
    } catch (error) {
      if (isExhausted(error, memoryIsExhausted)) throw error;
      undoRecord();
      fail(index, error);
    }
  }
  load([]);
  return answer();
};
})`;
}

/** Names that every object has are read only from the JSON of a result: reading them from the object finds the inherited ones. */
function canBePlain(output: readonly SelectedProperty[]): boolean {
  return output.every(({ property }) => !(property.name in Object.prototype) && property.name !== 'toJSON');
}

/** Code of functions that take the columns of a batch and make its records. What may be absent, and is not null, is set only if present. */
function recordMaker(input: readonly SelectedProperty[], preserveJSON: boolean): string {
  const readers = input.map((selected) => reading(selectedType(selected), preserveJSON));
  const lines = input.map(({ property }, slot) => {
    const value = `column${slot}[index]`;
    const read = readers[slot] === undefined ? value : `${value} === null ? null : read${slot}(${value})`;
    const isOptional = property.readOptional === true && property.nullable !== true;
    return isOptional
      ? { member: '', statement: `if (${value} !== null) ${assignment(property.name, read)}` }
      : { member: `${memberKey(property.name)}: ${read},`, statement: '' };
  });
  return `${readers.map((read, slot) => (read === undefined ? '' : `const read${slot} = ${read};`)).join('')}
${input.map((_, slot) => `let column${slot};`).join('')}
function load(columns) { ${input.map((_, slot) => `column${slot} = valuesOf(columns[${slot + 1}]);`).join(' ')} }
function makeRecord(index) {
  const record = { ${lines.map((line) => line.member).join(' ')} };
  ${lines.map((line) => line.statement).join(' ')}
  return record;
}`;
}

/** A literal with the plain name would set the prototype. */
function memberKey(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : name;
}

function assignment(name: string, value: string): string {
  if (name !== '__proto__') return `record.${name} = ${value};`;
  return `defineProperty(record, "__proto__", { value: ${value}, writable: true, enumerable: true, configurable: true });`;
}

/** Code of a function that makes the language's value of a batch's value of a type; undefined where they are the same. */
function reading(type: Type, preserveJSON: boolean): string | undefined {
  switch (type.kind) {
    case 'int':
      return type.bitSize === 64 ? 'toInteger' : undefined;
    case 'float':
      return type.real ? undefined : "(value) => typeof value === 'string' ? toNumber(value) : value";
    case 'json':
      return preserveJSON ? undefined : '(value) => parse(value)';
    case 'array':
    case 'map': {
      const read = reading(type.elementType, preserveJSON);
      const each = type.kind === 'array' ? 'eachElement' : 'eachMember';
      return read === undefined ? undefined : `(value) => ${each}(value, ${read})`;
    }
    case 'object':
      return readingObject(type.properties, preserveJSON);
    default:
      return undefined;
  }
}

function readingObject(properties: readonly Property[], preserveJSON: boolean): string | undefined {
  const members = properties.flatMap((property) => {
    const read = reading(property.type, preserveJSON);
    return read === undefined ? [] : [`member(object, ${JSON.stringify(property.name)}, ${read});`];
  });
  return members.length === 0 ? undefined : `(object) => { ${members.join(' ')} return object; }`;
}

/** Code of a function that writes the properties of a result into the body; as a whole if it has others too. */
function resultWriter(output: readonly SelectedProperty[], preserveJSON: boolean): string {
  const lines = output.map(({ property, position }, slot) => {
    const test = position === -1 ? 'false' : plainTest(property.type, preserveJSON);
    return `value = result.${property.name};
  list[start + ${slot}] = ${test} ? value : odd(value, start + ${slot});`;
  });
  return `function writeOrdinary(result, index) {
  if (!canBePlain) return writeWhole(result, index);
  const list = flat, start = flatBefore;
  let value;
  ${lines.join('\n  ')}
  const names = keys(result);
  if (names.length + absent.length - absentBefore === ${output.length} || areKnown(names)) return;
  undoRecord();
  writeWhole(result, index);
}`;
}

/** Code that tests whether a result has the type of which the text alone says everything. */
function plainTest(type: Type, preserveJSON: boolean): string {
  switch (type.kind) {
    case 'boolean':
      return "typeof value === 'boolean'";
    case 'int':
      return type.bitSize === 64
        ? "typeof value === 'bigint' || typeof value === 'string'"
        : "typeof value === 'number'";
    case 'float':
    case 'year':
      return "typeof value === 'number'";
    case 'json':
      return preserveJSON ? "typeof value === 'string'" : 'false';
    case 'array':
    case 'object':
    case 'map':
      return 'false';
    default:
      return "typeof value === 'string'";
  }
}
