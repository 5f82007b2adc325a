export { type ConversionContext, compileConversion } from './conversions/compile-conversion.js';
export { isConvertible } from './conversions/is-convertible.js';
export { compileDataReader } from './data-json/compile-data-reader.js';
export { DataFailure } from './data-json/data-failures.js';
export { fromDataJson } from './data-json/from-data-json.js';
export { toDataJson } from './data-json/to-data-json.js';
export { compileFilter, type RowPredicate } from './filters/compile-filter.js';
export {
  FILTER_OPERATORS,
  type Filter,
  type FilterCondition,
  type FilterConditionDefinition,
  type FilterDefinition,
  type FilterOperator,
  type FilterUse,
} from './filters/filter.js';
export { FilterError, type FilterViolation } from './filters/filter-error.js';
export { filterToJson } from './filters/filter-to-json.js';
export { type PositiveOperator, splitNegation } from './filters/operator-rules.js';
export { parseFilter } from './filters/parse-filter.js';
export { compileFunction, type FunctionOptions } from './functions/compile-function.js';
export {
  type CompiledFunction,
  FunctionAnswerError,
  type FunctionProgram,
} from './functions/compiled-function.js';
export {
  FUNCTION_LANGUAGES,
  type FunctionDefinition,
  type FunctionLanguage,
  type Purpose,
} from './functions/function-definition.js';
export { FunctionError, type FunctionViolation } from './functions/function-error.js';
export { checkExpression, type ExpressionCheck, type ExpressionProblem } from './mapping/check-expression.js';
export { type CompiledMapping, compileMapping, MAX_MAPPING_LENGTH } from './mapping/compile-mapping.js';
export { ExpressionError, type SourcePosition } from './mapping/expression-error.js';
export { MappingError, type MappingViolation } from './mapping/mapping-error.js';
export { parseExpression } from './mapping/parse-expression.js';
export { compileNormalisation, type NormalisationOptions } from './normalisation/compile-normalisation.js';
export type { Layouts } from './normalisation/layouts.js';
export { compilePattern, PatternError, patternSize } from './pattern/compile-pattern.js';
export { parseSchema, parseType } from './types/parse-type.js';
export {
  isPropertyName,
  type LeafProperty,
  leafProperties,
  PathNotExistError,
  parsePropertyPath,
  propertyAt,
} from './types/property-path.js';
export { sameProperty, sameType } from './types/same-type.js';
export { SchemaError } from './types/schema-error.js';
export * from './types/type.js';
export { typeText } from './types/type-text.js';
export { typeToJson } from './types/type-to-json.js';
export { compileValidation } from './validation/compile-validation.js';
export { compareDatetimes } from './values/datetime-text.js';
export { parseDecimal } from './values/decimal-text.js';
export { floatJson } from './values/float-text.js';
export { isValidJson, MAX_JSON_DEPTH } from './values/is-valid-json.js';
export { jsonKind, jsonString } from './values/json-text.js';
export { MAX_TEXT_LENGTH, textLength } from './values/text-limit.js';
export {
  compileTimeFormat,
  MAX_TIME_FORMAT_LENGTH,
  type TimeFormat,
  timeFormatProblem,
} from './values/time-format/compile-time-format.js';
export { TimeFormatError } from './values/time-format/time-format-error.js';
export {
  type Conversion,
  type FailureStep,
  identity,
  isObjectValue,
  memberOf,
  type Value,
  ValueFailure,
} from './values/value.js';
