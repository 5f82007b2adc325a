import { AppError } from '@penstock/domain';
import type { Connector } from './connector.js';
import { postgresql } from './postgresql/postgresql.js';

/** All connectors by their code. A new one is a folder and a line here. */
export const connectors: ReadonlyMap<string, Connector> = new Map(
  [postgresql].map((connector) => [connector.code, connector]),
);

/** The connector with a code. Throws AppError `ConnectorNotExist`. */
export function findConnector(code: string): Connector {
  const connector = connectors.get(code);
  if (connector === undefined)
    throw new AppError('ConnectorNotExist', { message: `connector "${code}" does not exist` });
  return connector;
}
