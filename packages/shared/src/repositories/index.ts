export * from './api-keys.js';
export * from './connections.js';
export * from './idempotency-keys.js';
export * from './occurrences.js';
export * from './pipelines.js';
export * from './run-row.js';
export * from './runs.js';
export * from './workspaces.js';
