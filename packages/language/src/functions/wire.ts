/**
 * How records travel to a function and back. Both are text, because a text is what crosses the border of a sandbox fastest, and
 * both are by position, because names would be most of it.
 *
 * A batch is a JSON array: the number of records, then a column for each selected top-level property of the in schema, in
 * order. A column is an array with the values of all records, or, where all of them are text, one text that has them separated
 * by {@link COLUMN_SEPARATOR}. A value is its canonical form, except for datetimes (`...T...Z`) and for NaN and the infinities,
 * which are their names as text. Where only parts of an object are selected it has only these. The bridge makes of them what
 * the language wants.
 *
 * An answer is a header and a body with a line feed between them. The body has the values of all plain records one after
 * the other, each as its text, separated by {@link SEPARATOR}; a plain record has one value for each selected top-level
 * property of the out schema, in order. The header is JSON: {@link AnswerHeader}. Positions in it count the values of the body.
 */
export interface AnswerHeader {
  /** Values of the body that are null; those that are absent; those whose text is JSON. All ascending. */
  readonly nulls: readonly number[];
  readonly absent: readonly number[];
  readonly json: readonly number[];
  /** Records that failed: their index, a code of {@link RECORD_FAILURES}, a text. By ascending index, as the next. */
  readonly failed: readonly (readonly [number, string, string])[];
  /** Records that are not plain, as the JSON of the whole result. */
  readonly whole: readonly (readonly [number, string])[];
  /** The values of the body where a text has characters that the body cannot; else null. The body is empty then. */
  readonly values: readonly string[] | null;
}

/** Separates the texts of a column. JSON does not escape it, unlike most that do not occur in texts. */
export const COLUMN_SEPARATOR = '\u007f';

/** Separates the values of the body: the unit separator. */
export const SEPARATOR = '\u001f';

/** Ways in which a record fails within the function. */
export const RECORD_FAILURES = ['FunctionThrew', 'NotAnObject', 'CircularReference'] as const;

/** Longest text of a record's failure, in characters. */
export const MAX_FAILURE_LENGTH = 300;
