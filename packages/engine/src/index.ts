export { BatchQueue } from './batch-queue.js';
export * from './destination.js';
export type { DryRunResult } from './dry-run-result.js';
export * from './execute-export.js';
export * from './execute-import.js';
export * from './export-warehouse.js';
export * from './failure-groups.js';
export * from './rejects.js';
export * from './source.js';
export {
  compiledOf,
  compileTransformation,
  type Transformation,
  type TransformationScope,
} from './transformation.js';
export { type FunctionRunner, type OpenFunction, openTransformer, type Transformer } from './transformer.js';
export { canonicalDatetime } from './update-time.js';
export * from './warehouse.js';
