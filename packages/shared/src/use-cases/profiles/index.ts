export * from './alter-profile-schema.js';
export * from './latest-operations.js';
export * from './read-profiles.js';
export * from './resolution-settings.js';
