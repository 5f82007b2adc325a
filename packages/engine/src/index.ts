export * from './source.js';
export * from './warehouse.js';
