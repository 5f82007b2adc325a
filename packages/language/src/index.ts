export { type ConversionContext, compileConversion } from './conversions/compile-conversion.js';
export { isConvertible } from './conversions/is-convertible.js';
export { fromDataJson } from './data-json/from-data-json.js';
export { toDataJson } from './data-json/to-data-json.js';
export {
  FILTER_OPERATORS,
  type Filter,
  type FilterCondition,
  type FilterConditionDefinition,
  type FilterDefinition,
  type FilterOperator,
  type FilterUse,
} from './filters/filter.js';
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
export {
  type CompiledMapping,
  compileMapping,
  MappingError,
  type MappingViolation,
} from './mapping/compile-mapping.js';
export { compilePattern, PatternError } from './pattern/compile-pattern.js';
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
export { type Conversion, type FailureStep, identity, type Value, ValueFailure } from './values/value.js';
