export * from './execute-import.js';
export * from './failure-groups.js';
export * from './source.js';
export * from './warehouse.js';
