export * from './function-sandboxes.js';
