export * from './api-factories.js';
export * from './api-log.js';
export * from './connection-settings.js';
export * from './eventually.js';
export * from './fault-proxy.js';
export * from './test-database.js';
export * from './test-redis.js';
