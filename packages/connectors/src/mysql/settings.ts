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

/** Characters that the longest names have: 32 for users of MySQL, 80 for those of MariaDB, 64 for databases. */
const name = (maxLength: number) =>
  settingText(maxLength * 4).refine((text) => [...text].length <= maxLength, `must be at most ${maxLength} characters`);

export const mysqlSettings = z
  .strictObject({
    host: databaseHost,
    port: databasePort(3306),
    username: name(80).meta({ description: 'User to log in as. Reading is all that it needs to be allowed to do.' }),
    password: databasePassword(200),
    database: name(64).meta({ description: 'Database in which a query finds tables that it names without one.' }),
    ...databaseTls,
  })
  .refine(isCaUsed, CA_UNUSED);

export type MysqlSettings = z.output<typeof mysqlSettings>;
