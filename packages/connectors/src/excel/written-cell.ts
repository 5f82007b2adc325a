import type { DestinationColumn } from '@penstock/engine';
import { floatJson, type Type, type Value } from '@penstock/language';
import { CLOCK_AT, CLOCK_LENGTH, dayOf, microsAt, secondsAt } from '../files/datetime-fields.js';
import { cannotWrite } from '../files/destination-error.js';
import { compileJson } from '../files/value-json.js';
import { MAX_CELL_LENGTH } from './limits.js';
import { textElement } from './written-text.js';

/** Styles of cells, by their position in the styles of the workbook. */
export const DATETIME_STYLE = 1;
export const DATE_STYLE = 2;

/** Digits that a number of Excel has; it would make zeros of those that follow. */
const NUMBER_DIGITS = 15;
/** Days from 1899-12-30, from which on Excel counts, to 1970-01-01. */
const SERIAL_OF_1970 = 25_569;
/** 1900-03-01. Excel counts the days before differently, as it has a 1900-02-29. */
const FIRST_SERIAL = 61;
const SECONDS_PER_DAY = 86_400;
const MICROS_PER_SECOND = 1_000_000;

/** What follows the reference of a cell, `<c r="A1"`, of a value that is not null. Throws AppError DestinationRefused. */
export type CellOf = (value: Value) => string;

/** Compiles the cells of a column. */
export function compileCell({ name, type }: DestinationColumn): CellOf {
  const text = (content: string): string => textCell(content, name);
  switch (type.kind) {
    case 'boolean':
      return (value) => ` t="b"><v>${value === true ? 1 : 0}</v></c>`;
    case 'int':
    case 'decimal':
      return exactCell(text);
    case 'year':
      return (value) => numberCell(String(value));
    case 'float':
      return (value) => {
        const digits = floatJson(value as number, type.bitSize);
        return digits === undefined ? text(String(value)) : numberCell(digits);
      };
    case 'datetime':
    case 'date':
      return temporalCell(type.kind, text);
    default:
      return contentCell(type, text);
  }
}

/** The cell of a text. Throws AppError DestinationRefused; `column` is for its message. */
export function textCell(content: string, column: string): string {
  if (content.length <= MAX_CELL_LENGTH) return ` t="inlineStr"><is>${textElement(content)}</is></c>`;
  throw cannotWrite(
    `column "${column}" has a value of more than 32,767 characters, which a cell of Excel cannot hold: export without the property, or in another format`,
  );
}

function numberCell(digits: string, style = ''): string {
  return `${style}><v>${digits}</v></c>`;
}

/** A number where Excel keeps all its digits. */
function exactCell(text: (content: string) => string): CellOf {
  return (value) => {
    const digits = String(value);
    return digits.length <= NUMBER_DIGITS || significant(digits) <= NUMBER_DIGITS ? numberCell(digits) : text(digits);
  };
}

function significant(digits: string): number {
  return digits.replace(/^-?[0.]*|\./g, '').length;
}

function temporalCell(kind: 'datetime' | 'date', text: (content: string) => string): CellOf {
  const style = ` s="${kind === 'date' ? DATE_STYLE : DATETIME_STYLE}"`;
  return (value) => {
    const content = value as string;
    const day = dayOf(content) + SERIAL_OF_1970;
    if (day < FIRST_SERIAL) return text(content);
    return numberCell(String(kind === 'date' ? day : day + dayFraction(content)), style);
  };
}

function dayFraction(datetime: string): number {
  const micros = microsAt(datetime, CLOCK_AT + CLOCK_LENGTH);
  return (secondsAt(datetime, CLOCK_AT) + micros / MICROS_PER_SECOND) / SECONDS_PER_DAY;
}

/** Texts of all kinds as they are; arrays, objects and maps as JSON. */
function contentCell(type: Type, text: (content: string) => string): CellOf {
  const isJson = type.kind === 'array' || type.kind === 'object' || type.kind === 'map';
  const content = isJson ? compileJson(type) : String;
  return (value) => text(content(value));
}
