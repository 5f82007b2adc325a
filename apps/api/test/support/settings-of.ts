import type { TestDatabase } from '@penstock/shared/testing';

export interface DatabaseSettings {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/** A database as the settings of a connection or of a warehouse. */
export function settingsOf({ url }: TestDatabase): DatabaseSettings {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 5432),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password) || 'not-needed-here',
    database: pathname.slice(1),
  };
}
