import { AppError } from '@penstock/domain';
import { z } from 'zod';

const name = z.string().min(1).max(63);

/** Settings of a PostgreSQL warehouse. */
export const postgresqlSettingsSchema = z.strictObject({
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535).default(5432),
  username: name,
  password: z.string().max(100),
  database: name,
  /** Where Penstock has its tables. */
  schema: name
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a letter or an underscore, then letters, digits and underscores')
    .refine((schema) => !/^pg_/i.test(schema), 'must not begin with pg_')
    .default('public'),
  /** `require` encrypts without looking who answers; `verify-full` also checks the server's certificate and name. */
  tls: z.enum(['disable', 'require', 'verify-full']).default('disable'),
});

export type PostgresqlSettings = z.infer<typeof postgresqlSettingsSchema>;

/** Reads stored or received settings. Throws AppError `InvalidWarehouseSettings` with all that is wrong. */
export function parsePostgresqlSettings(settings: unknown): PostgresqlSettings {
  const parsed = postgresqlSettingsSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new AppError('InvalidWarehouseSettings', { details });
}

/** The settings with what must not be shown blotted out. */
export function redactPostgresqlSettings(settings: unknown): PostgresqlSettings {
  return { ...parsePostgresqlSettings(settings), password: '[REDACTED]' };
}
