export { ConnectionPools, createConnectionPools } from './connection-pools.js';
export {
  type Connector,
  type DatabaseConnector,
  MAX_PREVIEW_ROWS,
  type PreviewRequest,
  type QueryPreview,
} from './connector.js';
export { connectors, findConnector } from './connectors.js';
export { REDACTED, redactSettings } from './settings.js';
