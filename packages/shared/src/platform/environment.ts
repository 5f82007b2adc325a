import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { PERIODS_MS, type PeriodTable, SCHEDULE_PERIODS } from '@penstock/domain';
import { z } from 'zod';
import { type MasterKey, parseMasterKeys } from './secrets.js';
import { timingsSchema } from './timings.js';

/**
 * Parses environment variables.
 * @throws Error that lists every problem, so that an operator mends them in one go. Values are never shown.
 */
export function readEnvironment<S extends z.ZodType>(schema: S, env: NodeJS.ProcessEnv): z.infer<S> {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.') || 'environment'}: ${issue.message}`);
  throw new Error(`the configuration is not valid:\n${problems.join('\n')}`);
}

const jsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

const FUNCTION_LANGUAGES = ['JavaScript', 'Python'] as const;

/** A comma list of languages; empty names none. */
const languages = z.string().transform((text, context): (typeof FUNCTION_LANGUAGES)[number][] => {
  const names = new Set(text.split(',').map((name) => name.trim()));
  names.delete('');
  const known = FUNCTION_LANGUAGES.filter((language) => names.delete(language));
  if (names.size === 0) return known;
  context.addIssue({ code: 'custom', message: `is not a comma list of ${FUNCTION_LANGUAGES.join(' and ')}` });
  return z.NEVER;
});

const url = (protocols: RegExp, example: string) =>
  z
    .string({ error: `is required, for example ${example}` })
    .refine((text) => URL.canParse(text) && protocols.test(new URL(text).protocol), `is not a URL like ${example}`);

/** The variables that api and worker share. */
export const commonEnvironment = {
  DATABASE_URL: url(/^postgres(ql)?:$/, 'postgresql://user:password@host:5432/penstock'),
  REDIS_URL: url(/^rediss?:$/, 'redis://:password@host:6379'),
  PENSTOCK_REDIS_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .default('penstock'),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(200).default(16),
  PENSTOCK_MASTER_KEY: z.string().optional(),
  PENSTOCK_MASTER_KEY_FILE: z.string().optional(),
  /** JSON object that replaces single timings; for tests and for operators who know why. */
  PENSTOCK_TIMINGS: jsonText.default({}).pipe(timingsSchema),
  /** JSON object that replaces the milliseconds of single periods; for tests. */
  PENSTOCK_PERIODS: jsonText
    .default({})
    .pipe(z.partialRecord(z.enum(SCHEDULE_PERIODS), z.number().int().min(50)))
    .transform((periods): PeriodTable => ({ ...PERIODS_MS, ...periods })),
  /** Languages of transformation functions; empty switches functions off. */
  FUNCTION_LANGUAGES: languages.prefault('JavaScript,Python'),
  /** Longest time that a function may take for one batch. */
  FUNCTION_TIMEOUT_MS: z.coerce.number().int().min(100).max(300_000).default(10_000),
  /** Memory that a function may use for itself. */
  FUNCTION_MEMORY_MB: z.coerce.number().int().min(16).max(1_024).default(64),
  /** Directory below which the connector `filesystem` reads; without it that connector refuses. */
  FILESYSTEM_ROOT: z
    .string()
    .refine((path) => isAbsolute(path), 'must be an absolute path')
    .optional(),
  /** Lets HTTP, S3, SFTP and applications connect to private networks and to this machine. */
  ALLOW_PRIVATE_NETWORKS: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true'),
  /** Greatest size of a file, decompressed. */
  MAX_FILE_MB: z.coerce.number().int().min(1).max(10_000_000).default(65_536),
};

/** What connectors of files are allowed, from the environment. */
export function fileAccessOf(env: {
  readonly FILESYSTEM_ROOT?: string | undefined;
  readonly ALLOW_PRIVATE_NETWORKS: boolean;
  readonly MAX_FILE_MB: number;
}): { readonly filesystemRoot: string | null; readonly allowPrivateNetworks: boolean; readonly maxFileBytes: number } {
  return {
    filesystemRoot: env.FILESYSTEM_ROOT ?? null,
    allowPrivateNetworks: env.ALLOW_PRIVATE_NETWORKS,
    maxFileBytes: env.MAX_FILE_MB * 1024 * 1024,
  };
}

/** The master keys, from the environment or from a file that holds the same text. */
export function readMasterKeys(env: {
  readonly PENSTOCK_MASTER_KEY?: string | undefined;
  readonly PENSTOCK_MASTER_KEY_FILE?: string | undefined;
}): MasterKey[] {
  const text =
    env.PENSTOCK_MASTER_KEY ?? (env.PENSTOCK_MASTER_KEY_FILE && readFileSync(env.PENSTOCK_MASTER_KEY_FILE, 'utf8'));
  if (!text) {
    throw new Error(
      'PENSTOCK_MASTER_KEY or PENSTOCK_MASTER_KEY_FILE is required: settings are encrypted under it. Make one with: openssl rand -base64 32',
    );
  }
  return parseMasterKeys(text.trim());
}
