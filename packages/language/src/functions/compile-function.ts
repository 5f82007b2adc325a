import { propertyAt } from '../types/property-path.js';
import type { ObjectType } from '../types/type.js';
import { checkDefinition } from './check-definition.js';
import type { CompiledFunction } from './compiled-function.js';
import { decodeBatch } from './decode-batch.js';
import type { Dialect } from './dialect.js';
import { batchEncoder } from './encode-batch.js';
import type { FunctionDefinition, FunctionLanguage, Purpose } from './function-definition.js';
import { FunctionError } from './function-error.js';
import { JAVASCRIPT } from './javascript-dialect.js';
import { PYTHON } from './python-dialect.js';
import { recordReader } from './record-reader.js';
import { selectProperties } from './selection.js';

const DIALECTS: Readonly<Partial<Record<FunctionLanguage, Dialect>>> = { JavaScript: JAVASCRIPT, Python: PYTHON };

export interface FunctionOptions {
  /** What the records are for; Import when it is absent. */
  readonly purpose?: Purpose;
}

/**
 * Checks a transformation function against its schemas and compiles how records get into it and out of it; the source itself is
 * not looked at. Throws {@link FunctionError} with all violations: a source that is empty, too long or not text, no paths, a
 * path that is not valid, repeated, within another or not in its schema.
 */
export function compileFunction(
  definition: FunctionDefinition,
  inSchema: ObjectType,
  outSchema: ObjectType,
  options: FunctionOptions = {},
): CompiledFunction {
  const { language, source, preserveJSON } = definition;
  const violations = checkDefinition(definition, inSchema, outSchema);
  const dialect = DIALECTS[language];
  if (dialect === undefined) {
    violations.unshift({ path: 'transformation.function.language', message: `language ${language} is not supported` });
  }
  if (dialect === undefined || violations.length > 0) throw new FunctionError(violations);
  const inPaths = definition.inPaths.toSorted();
  const outPaths = definition.outPaths.toSorted();
  const input = selectProperties(inSchema, inPaths);
  const output = selectProperties(outSchema, outPaths);
  const { purpose = 'Import' } = options;
  const reader = recordReader(output, { dialect, preserveJSON, purpose }, outPaths.length);
  return {
    inPaths,
    outPaths,
    outProperties: outPaths.map((path) => propertyAt(outSchema, path)),
    program: { language, source, bridge: dialect.bridge({ input, output, preserveJSON }) },
    encodeBatch: batchEncoder(input),
    decodeBatch: (answer, count) => decodeBatch(reader, answer, count),
  };
}
