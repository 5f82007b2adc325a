import { AppError } from '@penstock/domain';
import { httpApplication } from './applications/http/http-application.js';
import { hubspot } from './applications/hubspot/hubspot.js';
import type { ConnectionConnector, Connector, FileFormatConnector } from './connector.js';
import { csv } from './csv/csv.js';
import { excel } from './excel/excel.js';
import { filesystem } from './filesystem/filesystem.js';
import { httpGet } from './http/http-get.js';
import { httpPost } from './http/http-post.js';
import { json } from './json/json.js';
import { mysql } from './mysql/mysql.js';
import { parquet } from './parquet/parquet.js';
import { postgresql } from './postgresql/postgresql.js';
import { s3 } from './s3/s3.js';
import { sftp } from './sftp/sftp.js';

/** All connectors by their code. A new one is a folder and a line here. */
export const connectors: ReadonlyMap<string, Connector> = new Map<string, Connector>(
  [postgresql, mysql, filesystem, httpGet, httpPost, s3, sftp, httpApplication, hubspot, csv, json, excel, parquet].map(
    (connector) => [connector.code, connector],
  ),
);

/** The connector of a connection, by its code. Throws AppError `ConnectorNotExist`. */
export function findConnector(code: string): ConnectionConnector {
  const connector = connectors.get(code);
  if (connector === undefined) {
    throw new AppError('ConnectorNotExist', { message: `connector "${code}" does not exist` });
  }
  if (connector.type !== 'File') return connector;
  const message = `connector "${code}" is a file format: make a connection to where the files are, and name the format in the pipeline`;
  throw new AppError('ConnectorNotExist', { message });
}

/** The file format with a code. Throws AppError `FormatNotExist`. */
export function findFormat(code: string): FileFormatConnector {
  const connector = connectors.get(code);
  if (connector?.type === 'File') return connector;
  const known = [...connectors.values()].filter(({ type }) => type === 'File').map((format) => format.code);
  const message = `file format "${code}" does not exist: use ${known.join(', ')}`;
  throw new AppError('FormatNotExist', { message });
}
