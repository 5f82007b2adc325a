import { isApiKey } from '@penstock/domain';
import { commonEnvironment, type MasterKey, readEnvironment, readMasterKeys } from '@penstock/shared/platform';
import { z } from 'zod';

const environment = z.object({
  ...commonEnvironment,
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** Inserted at boot unless it exists: the key that makes the first workspace. */
  PENSTOCK_ADMIN_KEY: z
    .string()
    .refine(isApiKey, 'is not a well-formed API key (api_ and 49 letters and digits, the last six a checksum)')
    .optional(),
  /** Requests a minute that each API key may make. */
  RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(1).default(6_000),
  /** Lets admins change jobs in the queue pages. */
  QUEUES_WRITABLE: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true'),
  /** How long an answer may wait for a source or a warehouse. */
  REQUEST_DEADLINE_MS: z.coerce.number().int().min(100).default(30_000),
  /** How long requests in flight may take to end after a stop was asked for. */
  SHUTDOWN_GRACE_MS: z.coerce.number().int().min(0).default(10_000),
  NODE_ENV: z.string().optional(),
});

export type ApiConfig = z.infer<typeof environment> & { readonly masterKeys: readonly MasterKey[] };

/** Reads the api's configuration. @throws Error that lists every problem and shows no value. */
export function readConfig(env: NodeJS.ProcessEnv): ApiConfig {
  const problems: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const values = attempt(() => readEnvironment(environment, env));
  const masterKeys = attempt(() => readMasterKeys(env));
  if (values === undefined || masterKeys === undefined) throw new Error(problems.join('\n'));
  return { ...values, masterKeys };
}
