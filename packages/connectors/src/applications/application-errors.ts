import { AppError } from '@penstock/domain';

/** What an application is to whoever asks it: the codes of errors depend on it. */
export type ApplicationSide = 'source' | 'destination';

const UNAVAILABLE = { source: 'SourceUnavailable', destination: 'DestinationUnavailable' } as const;
const REFUSED = { source: 'SourceRefused', destination: 'DestinationRefused' } as const;

/** Trying again may help. */
export function unavailable(side: ApplicationSide, message: string, cause?: unknown): AppError {
  return new AppError(UNAVAILABLE[side], { message, ...(cause === undefined ? {} : { cause }) });
}

/** Somebody has to change something. */
export function refused(side: ApplicationSide, message: string, cause?: unknown): AppError {
  return new AppError(REFUSED[side], { message, ...(cause === undefined ? {} : { cause }) });
}

/** An error of the layer below, which knows sources only, for a side. */
export function forSide(side: ApplicationSide, error: AppError): AppError {
  const { message, cause } = error;
  if (error.code === 'SourceUnavailable') return unavailable(side, message, cause);
  return error.code === 'SourceRefused' ? refused(side, message, cause) : error;
}
