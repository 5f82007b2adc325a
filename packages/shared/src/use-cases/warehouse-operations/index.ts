export * from './announce-operations.js';
export * from './claim-operation.js';
export * from './end-operation.js';
export * from './execute-operation.js';
export * from './operation.js';
export * from './request-resolution.js';
export * from './settle-operation.js';
