import {
  compileConversion,
  compileFunction,
  compileMapping,
  compileNormalisation,
  compilePattern,
  compileTimeFormat,
  type FunctionDefinition,
  isConvertible,
  PatternError,
  type Purpose,
  type Type,
  timeFormatProblem,
  type Value,
  ValueFailure,
} from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { codeBlocks, section, unquote } from './support/documents.js';
import { type FunctionExample, functionExamples, functionOutcomes, isAvailable } from './support/function-examples.js';
import {
  dataOf,
  filterOutcome,
  IN_SCHEMA,
  LANGUAGE_DOCUMENT,
  mappingOutcome,
  OUT_SCHEMA,
  type Outcome,
  readOutcome,
  readValue,
} from './support/language-examples.js';
import { readText } from './support/repository.js';
import { rowsWithHead } from './support/tables.js';
import { readType } from './support/type-notation.js';

const RESULT = 'result: ';

const text = readText(LANGUAGE_DOCUMENT);
const hasPython = await isAvailable('Python');

/** The examples of the tables with these columns: their inputs without backticks, and what the last column says. */
function examples(...head: string[]): { title: string; cells: string[]; expected: Outcome }[] {
  return rowsWithHead(text, head).map((row) => {
    const cells = row.slice(0, -1).map(unquote);
    return { title: cells.join(' | '), cells, expected: readOutcome(row.at(-1) ?? '') };
  });
}

describe('the expressions', () => {
  const mappings = examples('Expression', 'Into', 'Record', 'Result');

  it.each(mappings)('$title', ({ cells: [expression = '', into = '', record = ''], expected }) => {
    expect(mappingOutcome({ expression, into, record })).toEqual(expected);
  });

  const required = examples('Purpose', 'Expression', 'Into', 'Record', 'Result');

  it.each(required)('$title', ({ cells: [purpose, expression = '', into = '', record = ''], expected }) => {
    expect(mappingOutcome({ expression, into, record, purpose: purpose as Purpose })).toEqual(expected);
  });
});

describe('the filters', () => {
  it.each(examples('Property', 'Operator', 'Values', 'Record', 'Result'))('$title', ({ cells, expected }) => {
    expect(filterOutcome(cells)).toEqual(expected);
  });
});

/** A failure is shown by its code. */
function outcomeOf(type: Type, value: Value | ValueFailure): Outcome {
  return value instanceof ValueFailure ? { verdict: `fails: ${value.code}` } : { data: dataOf(type, value) };
}

function conversionOutcome(from: Type, json: string, to: Type): Outcome {
  if (!isConvertible(from, to)) return { verdict: 'refused' };
  const convert = compileConversion(from, to, { expression: 'e', outPath: 'o', nullable: true });
  return outcomeOf(to, convert(readValue(from, JSON.parse(json))));
}

describe('the conversions', () => {
  it.each(examples('From', 'Value', 'To', 'Result'))(
    '$title',
    ({ cells: [from = '', json = '', to = ''], expected }) => {
      expect(conversionOutcome(readType(from), json, readType(to))).toEqual(expected);
    },
  );
});

describe('the values from sources', () => {
  it.each(examples('Type', 'Raw', 'Result'))('$title', ({ cells: [notation = '', raw = ''], expected }) => {
    const type = readType(notation);
    expect(outcomeOf(type, compileNormalisation(type, { nullable: true })(JSON.parse(raw)))).toEqual(expected);
  });
});

function timeOutcome(format: string, json: string): Outcome {
  const problem = timeFormatProblem(format);
  if (problem !== undefined) return { verdict: 'refused', message: problem };
  const read = compileTimeFormat(format).parse(JSON.parse(json) as string);
  return read === undefined ? { verdict: 'unreadable' } : { data: dataOf({ kind: 'datetime' }, read) };
}

describe('the update times', () => {
  it.each(examples('Format', 'Text', 'Result'))('$title', ({ cells: [format = '', json = ''], expected }) => {
    expect(timeOutcome(format, json)).toEqual(expected);
  });
});

function patternOutcome(pattern: string, json: string): Outcome {
  try {
    const matches = compilePattern(pattern);
    return { verdict: matches(JSON.parse(json) as string) ? 'matches' : 'does not match' };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return { verdict: 'refused', message: error.message };
  }
}

describe('the patterns', () => {
  it.each(examples('Pattern', 'Text', 'Result'))('$title', ({ cells: [pattern = '', json = ''], expected }) => {
    expect(patternOutcome(pattern, json)).toEqual(expected);
  });
});

/** A result with its properties sorted and without blanks. */
function compact(outcome: string): string {
  if (!outcome.startsWith(RESULT)) return outcome;
  const result = Object.entries(JSON.parse(outcome.slice(RESULT.length)) as Record<string, unknown>);
  return RESULT + JSON.stringify(Object.fromEntries(result.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

describe('the functions', () => {
  const functions = functionExamples(text).map((example, index) => ({ ...example, title: `function ${index + 1}` }));
  const run = async (example: FunctionExample) => {
    const { outcomes, records } = example;
    expect(outcomes.length).toBe(Math.max(1, outcomes[0]?.startsWith('ends') ? 1 : records.length));
    expect(await functionOutcomes(example)).toEqual(outcomes.map(compact));
  };

  it.each(functions.filter(({ language }) => language === 'JavaScript'))('$title in JavaScript', run);

  it.skipIf(!hasPython).each(functions.filter(({ language }) => language === 'Python'))('$title in Python', run);

  it('are said to be unavailable in the languages that are', () => {
    expect(text.includes('Functions in Python are not available')).toBe(!hasPython);
  });
});

describe('the definitions that are shown', () => {
  const firstBlock = (heading: string): unknown =>
    JSON.parse(codeBlocks(section(LANGUAGE_DOCUMENT, heading))[0]?.text ?? '');

  it('have a mapping for the example schemas', () => {
    const mapping = firstBlock('Mappings') as Record<string, string>;
    expect(compileMapping(mapping, IN_SCHEMA, OUT_SCHEMA).outPaths).toEqual(Object.keys(mapping).toSorted());
  });

  it('have a function for the example schemas', () => {
    const { function: definition } = firstBlock('Functions') as { function: FunctionDefinition };
    expect(compileFunction(definition, IN_SCHEMA, OUT_SCHEMA)).toMatchObject({ inPaths: ['address.city', 'name'] });
  });
});
