export * from './claim-dry-run.js';
export * from './end-dry-run.js';
export * from './get-dry-run.js';
export * from './recover-dry-runs.js';
export * from './request-dry-run.js';
