export * from './execute-import.js';
export * from './failure-groups.js';
export * from './rejects.js';
export * from './source.js';
export {
  compiledOf,
  compileTransformation,
  type FunctionRunner,
  type OpenFunction,
  openTransformer,
  type Transformation,
  type TransformationScope,
  type Transformer,
} from './transformation.js';
export * from './warehouse.js';
