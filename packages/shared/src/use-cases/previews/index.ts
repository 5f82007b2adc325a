export * from './check-expression.js';
export * from './preview-filter.js';
export * from './preview-transformation.js';
