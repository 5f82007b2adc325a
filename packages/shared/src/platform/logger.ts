import winston from 'winston';

export type Logger = winston.Logger;

export interface LoggerOptions {
  /** winston's level: error, warn, info, debug. */
  readonly level: string;
  /** `api` or `worker`. */
  readonly service: string;
}

/**
 * A logger that writes one JSON object a line to stdout. An `error` given as metadata is written with its chain of causes:
 * what a user sees of an unexpected error is a generic text, the log is where the rest is.
 */
export function createLogger({ level, service }: LoggerOptions): Logger {
  return winston.createLogger({
    level,
    defaultMeta: { service, pid: process.pid },
    format: winston.format.combine(errorChain(), winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console()],
  });
}

const errorChain = winston.format((info) => {
  if (info.error !== undefined) info.error = describeError(info.error);
  return info;
});

/** An error as text with its causes; stacks of unexpected errors included. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${describeError(error.cause)}`;
}
