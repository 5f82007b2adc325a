export { ConnectionPools, createConnectionPools } from './connection-pools.js';
export {
  type ConnectionConnector,
  type Connector,
  type DatabaseConnector,
  type FileFormatConnector,
  type FileStorageConnector,
  MAX_PREVIEW_ROWS,
  type PreviewRequest,
  type RecordsPreview,
  type TableName,
} from './connector.js';
export { connectors, findConnector, findFormat } from './connectors.js';
export { type FileLook, listSheets, previewFiles } from './files/file-preview.js';
export { openFileSource } from './files/file-source.js';
export type { FileAccess } from './files/file-storage.js';
export { patternProblem } from './files/path-pattern.js';
export { REDACTED, redactSettings } from './settings.js';
