import { Writable } from 'node:stream';
import winston from 'winston';
import { createLogger, type Logger } from '../platform/logger.js';

export interface CapturedLog {
  readonly logger: Logger;
  /** Everything that was logged, at every level, as it would have been written. */
  text(): string;
}

/** A logger of the api that writes into memory. */
export function captureLog(): CapturedLog {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ level: 'debug', service: 'api' });
  logger.clear().add(new winston.transports.Stream({ stream }));
  return { logger, text: () => chunks.join('') };
}
