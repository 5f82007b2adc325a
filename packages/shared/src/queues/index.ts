export * from './catalog.js';
export * from './queues.js';
export * from './schedulers.js';
