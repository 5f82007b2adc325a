export type { ApplicationAccess, RateLimit, RateLimits } from './applications/application-access.js';
export { ConnectionPools, createConnectionPools } from './connection-pools.js';
export {
  type ApplicationConnector,
  type ConnectionConnector,
  type Connector,
  type DatabaseConnector,
  type FileFormatConnector,
  type FileStorageConnector,
  MAX_PREVIEW_ROWS,
  type PreviewRequest,
  type RecordsPreview,
  type TableName,
  type TableReference,
  type TableSchema,
} from './connector.js';
export { connectors, findConnector, findFormat } from './connectors.js';
export { destinationPath, destinationPathProblem } from './files/destination-path.js';
export { type FileDestinationDefinition, openFileDestination } from './files/file-destination.js';
export { type FileLook, listSheets, previewFiles } from './files/file-preview.js';
export { openFileSource } from './files/file-source.js';
export type { FileAccess } from './files/file-storage.js';
export { patternProblem } from './files/path-pattern.js';
export { REDACTED, redactSettings } from './settings.js';
export { previewUsers, type UserLook } from './user-preview.js';
