import { PathNotExistError, propertyAt } from '../types/property-path.js';
import type { ObjectType, Property } from '../types/type.js';
import { type Conversion, identity, type Value, ValueFailure } from '../values/value.js';
import { type CompiledExpression, compileExpression } from './compile-expression.js';
import type { Reader } from './compile-path.js';
import { ExpressionError } from './expression.js';
import { parseExpression } from './parse-expression.js';

export interface MappingViolation {
  /** Where the violation is: `transformation.mapping["a.b"]`. */
  readonly path: string;
  readonly message: string;
}

/** A mapping is not valid; holds all of its violations. */
export class MappingError extends Error {
  readonly violations: readonly MappingViolation[];

  constructor(violations: readonly MappingViolation[]) {
    super(violations.map(({ path, message }) => `${path}: ${message}`).join('; '));
    this.name = 'MappingError';
    this.violations = violations;
  }
}

export interface CompiledMapping {
  /** The properties that the expressions read, without the keys of maps and JSON, sorted, each once. */
  readonly inPaths: readonly string[];
  /** The properties that are written, sorted. */
  readonly outPaths: readonly string[];
  /** The out properties by position of `outPaths`. */
  readonly outProperties: readonly Property[];
  /**
   * Writes the mapped values into `out` by position of `outPaths` and returns undefined, or the first failure in that order.
   * `row` holds the top-level properties of the in schema by position. A value that is null although its property is not
   * nullable is left out of the record: it is null in `out`. Nothing is allocated for properties that are copied.
   */
  evaluate(row: readonly Value[], out: Value[]): ValueFailure | undefined;
}

interface Entry {
  readonly outPath: string;
  readonly property: Property;
  readonly expression: CompiledExpression;
}

/**
 * Compiles a mapping of out paths to expressions. Throws {@link MappingError} with all violations: an out path that does not
 * exist or lies within another, an expression whose syntax, paths or types are not valid, a mapping without entries.
 */
export function compileMapping(
  mapping: Readonly<Record<string, string>>,
  inSchema: ObjectType,
  outSchema: ObjectType,
): CompiledMapping {
  const violations: MappingViolation[] = [];
  const outPaths = Object.keys(mapping).sort();
  const entries: Entry[] = [];
  if (outPaths.length === 0) violations.push({ path: 'transformation.mapping', message: 'mapping is empty' });
  for (const outPath of outPaths) {
    try {
      checkPrefixes(outPath, mapping);
      const property = propertyAt(outSchema, outPath);
      const scope = { inSchema, outType: property.type, outPath };
      const expression = compileExpression(parseExpression(mapping[outPath] ?? ''), scope);
      entries.push({ outPath, property, expression });
    } catch (error) {
      violations.push({ path: `transformation.mapping[${JSON.stringify(outPath)}]`, message: violationOf(error) });
    }
  }
  if (violations.length > 0) throw new MappingError(violations);
  return compileEntries(entries);
}

function violationOf(error: unknown): string {
  if (error instanceof ExpressionError || error instanceof PathNotExistError) return error.message;
  throw error;
}

/** An object and one of its properties cannot both be written. */
function checkPrefixes(outPath: string, mapping: Readonly<Record<string, string>>): void {
  for (let end = outPath.indexOf('.'); end !== -1; end = outPath.indexOf('.', end + 1)) {
    const prefix = outPath.slice(0, end);
    if (!Object.hasOwn(mapping, prefix)) continue;
    throw new ExpressionError(`paths "${prefix}" and "${outPath}" have the same prefix`);
  }
}

function compileEntries(entries: readonly Entry[]): CompiledMapping {
  const inPaths = new Set(entries.flatMap((entry) => entry.expression.inPaths));
  return {
    inPaths: [...inPaths].sort(),
    outPaths: entries.map((entry) => entry.outPath),
    outProperties: entries.map((entry) => entry.property),
    evaluate: compileEvaluation(entries.map((entry) => entry.expression)),
  };
}

/** The loop that runs for each record: parallel arrays by out position, no call for what is only copied. */
function compileEvaluation(expressions: readonly CompiledExpression[]): CompiledMapping['evaluate'] {
  const positions = Int32Array.from(expressions, (expression) => expression.position);
  const readers: readonly Reader[] = expressions.map((expression) => expression.read);
  const conversions: readonly (Conversion | undefined)[] = expressions.map(({ conversion }) =>
    conversion === identity ? undefined : conversion,
  );
  return (row, out) => {
    for (let index = 0; index < readers.length; index++) {
      const position = positions[index] ?? -1;
      const value = position >= 0 ? (row[position] ?? null) : (readers[index]?.(row) ?? null);
      if (value instanceof ValueFailure) return value;
      const conversion = value === null ? undefined : conversions[index];
      const result = conversion === undefined ? value : conversion(value);
      if (result instanceof ValueFailure) return result;
      out[index] = result;
    }
    return undefined;
  };
}
