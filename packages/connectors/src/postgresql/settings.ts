import { z } from 'zod';
import {
  CA_UNUSED,
  databaseHost,
  databasePassword,
  databasePort,
  databaseTls,
  isCaUsed,
} from '../database-settings.js';
import { settingText } from '../settings.js';

/** PostgreSQL cuts names at 63 bytes. */
const name = settingText(63);

export const postgresqlSettings = z
  .strictObject({
    host: databaseHost,
    port: databasePort(5432),
    username: name.meta({ description: 'User to log in as. Reading is all that it needs to be allowed to do.' }),
    password: databasePassword(100),
    database: name.meta({ description: 'Database to connect to.' }),
    schema: name
      .default('public')
      .meta({ description: 'Schema in which a query finds tables that it names without one.' }),
    ...databaseTls,
  })
  .refine(isCaUsed, CA_UNUSED);

export type PostgresqlSettings = z.output<typeof postgresqlSettings>;
