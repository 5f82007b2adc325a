import { isRequired } from '../conversions/required-members.js';
import { textTooLong } from '../conversions/text-failures.js';
import { conversionVoice, mappingSuffix } from '../conversions/voices.js';
import { Wording } from '../conversions/wording.js';
import type { Purpose } from '../functions/function-definition.js';
import { PathNotExistError, propertyAt } from '../types/property-path.js';
import type { ObjectType, Property } from '../types/type.js';
import { codePointLength } from '../values/text-length.js';
import { type Conversion, identity, type Value, ValueFailure } from '../values/value.js';
import { type CompiledExpression, compileExpression } from './compile-expression.js';
import type { Reader } from './compile-path.js';
import { MappingSource } from './compile-scope.js';
import { ExpressionError } from './expression-error.js';
import { MappingError, type MappingViolation } from './mapping-error.js';
import { parseExpression } from './parse-expression.js';

/** Violations after which no more are looked for; they would help nobody. */
const MAX_VIOLATIONS = 100;

/** Code points of all expressions of a mapping together. */
export const MAX_MAPPING_LENGTH = 50_000;

export interface CompiledMapping {
  /** The properties that the expressions read, without the keys of maps and JSON, sorted, each once. */
  readonly inPaths: readonly string[];
  /** The properties that are written, sorted. */
  readonly outPaths: readonly string[];
  /** The out properties by position of `outPaths`. */
  readonly outProperties: readonly Property[];
  /**
   * How much work a record is: the time of one evaluation is at most about this many times that of going through all texts of
   * the record, which {@link textLength} counts, and a few dozen characters more. A copy weighs nothing, a conversion 1 or,
   * with JSON or a pattern, some more, a concatenation the number of its parts that are not constant, a call as many times the
   * texts that reach it as the function goes through them.
   */
  readonly weight: number;
  /**
   * Writes the mapped values into `out` by position of `outPaths` and returns undefined, or the first failure in that order.
   * `row` holds the top-level properties of the in schema by position. A value that is null although its property is not
   * nullable is left out of the record: it is null in `out`; but it is a failure where the purpose requires the property.
   * Nothing is allocated for properties that are copied. Never throws: what would become too long is a failure.
   */
  evaluate(row: readonly Value[], out: Value[]): ValueFailure | undefined;
}

interface Entry {
  readonly outPath: string;
  readonly property: Property;
  readonly expression: CompiledExpression;
}

/**
 * Compiles a mapping of out paths to expressions. `purpose` decides which properties must have a value, also within objects:
 * none for an import. Throws {@link MappingError} with the violations: an out path that does not exist or lies within another,
 * an expression whose syntax, paths or types are not valid, a mapping without entries; that the expressions are too long
 * together before anything else is looked at.
 */
export function compileMapping(
  mapping: Readonly<Record<string, string>>,
  inSchema: ObjectType,
  outSchema: ObjectType,
  purpose: Purpose = 'Import',
): CompiledMapping {
  const scope: MappingScope = { source: new MappingSource(inSchema), outSchema, purpose };
  if (mappingLength(mapping) > MAX_MAPPING_LENGTH) {
    const message = `expressions are longer than ${MAX_MAPPING_LENGTH} characters together`;
    throw new MappingError([{ path: 'transformation.mapping', message }]);
  }
  const violations: MappingViolation[] = [];
  const outPaths = Object.keys(mapping).sort();
  const entries: Entry[] = [];
  if (outPaths.length === 0) violations.push({ path: 'transformation.mapping', message: 'mapping is empty' });
  for (const outPath of outPaths) {
    if (violations.length >= MAX_VIOLATIONS) break;
    const entry = compileEntry(outPath, mapping, scope);
    if (!Array.isArray(entry)) entries.push(entry);
    else violations.push(...entry.map((error) => violationOf(outPath, error)));
  }
  if (violations.length > 0) throw new MappingError(violations);
  return compileEntries(entries, purpose);
}

/** Code points of the expressions together. */
function mappingLength(mapping: Readonly<Record<string, string>>): number {
  return Object.values(mapping).reduce((length, expression) => length + codePointLength(expression), 0);
}

interface MappingScope {
  readonly source: MappingSource;
  readonly outSchema: ObjectType;
  readonly purpose: Purpose;
}

function compileEntry(
  outPath: string,
  mapping: Readonly<Record<string, string>>,
  { source, outSchema, purpose }: MappingScope,
): Entry | Error[] {
  try {
    checkPrefixes(outPath, mapping);
    const property = propertyAt(outSchema, outPath);
    const scope = { source, outType: property.type, outPath, purpose };
    const expression = compileExpression(parseExpression(mapping[outPath] ?? ''), scope);
    return 'read' in expression ? { outPath, property, expression } : [...expression];
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof PathNotExistError || error instanceof OutPathError) {
      return [error];
    }
    throw error;
  }
}

function violationOf(outPath: string, error: Error): MappingViolation {
  const path = `transformation.mapping[${JSON.stringify(outPath)}]`;
  const { message } = error;
  return error instanceof ExpressionError ? { path, message, position: error.position } : { path, message };
}

class OutPathError extends Error {}

/** An object and one of its properties cannot both be written. */
function checkPrefixes(outPath: string, mapping: Readonly<Record<string, string>>): void {
  for (let end = outPath.indexOf('.'); end !== -1; end = outPath.indexOf('.', end + 1)) {
    const prefix = outPath.slice(0, end);
    if (!Object.hasOwn(mapping, prefix)) continue;
    throw new OutPathError(`paths "${prefix}" and "${outPath}" have the same prefix`);
  }
}

function compileEntries(entries: readonly Entry[], purpose: Purpose): CompiledMapping {
  const inPaths = new Set(entries.flatMap((entry) => entry.expression.inPaths));
  return {
    inPaths: [...inPaths].sort(),
    outPaths: entries.map((entry) => entry.outPath),
    outProperties: entries.map((entry) => entry.property),
    weight: Math.ceil(entries.reduce((total, { expression }) => total + expression.weight, 0)),
    evaluate: compileEvaluation(
      entries.map((entry) => entry.expression),
      entries.map((entry) => requiredFailure(entry, purpose)),
      entries.map(({ outPath, expression }) => textTooLong(expression.source, mappingSuffix(outPath))),
    ),
  };
}

/** What null is for an entry, when it is a failure. */
function requiredFailure({ outPath, property, expression }: Entry, purpose: Purpose): ValueFailure | undefined {
  if (property.nullable || !isRequired(property, purpose)) return undefined;
  return new Wording(conversionVoice(expression.source), outPath).requiredButNull(purpose);
}

/**
 * The loop that runs for each record: parallel arrays by out position, no call for what is only copied. A RangeError is what
 * JavaScript has for texts that are too long: whatever makes one, it fails the record and not the run.
 */
function compileEvaluation(
  expressions: readonly CompiledExpression[],
  onNull: readonly (ValueFailure | undefined)[],
  onRangeError: readonly ValueFailure[],
): CompiledMapping['evaluate'] {
  const positions = Int32Array.from(expressions, (expression) => expression.position);
  const readers: readonly Reader[] = expressions.map((expression) => expression.read);
  const conversions: readonly (Conversion | undefined)[] = expressions.map(({ conversion }) =>
    conversion === identity ? undefined : conversion,
  );
  const hasRequired = onNull.some((failure) => failure !== undefined);
  return (row, out) => {
    let index = 0;
    try {
      for (; index < readers.length; index++) {
        const position = positions[index] ?? -1;
        const value = position >= 0 ? (row[position] ?? null) : (readers[index]?.(row) ?? null);
        if (value instanceof ValueFailure) return value;
        const conversion = value === null ? undefined : conversions[index];
        const result = conversion === undefined ? value : conversion(value);
        if (result instanceof ValueFailure) return result;
        if (result === null && hasRequired) {
          const failure = onNull[index];
          if (failure !== undefined) return failure;
        }
        out[index] = result;
      }
      return undefined;
    } catch (error) {
      const failure = error instanceof RangeError ? onRangeError[index] : undefined;
      if (failure === undefined) throw error;
      return failure;
    }
  };
}
