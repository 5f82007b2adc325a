export * from './api-keys.js';
export * from './connection-looks.js';
export * from './connections.js';
export * from './create-pipeline.js';
export * from './pipeline-view.js';
export * from './replace-pipeline.js';
export * from './warehouse.js';
export * from './workspaces.js';
