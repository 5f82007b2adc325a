import { S3ServiceException } from '@aws-sdk/client-s3';
import { AppError } from '@penstock/domain';
import { asDestinationError, cannotWrite, notNow, overtaken } from '../files/destination-error.js';
import { addressOf } from './keys.js';
import { isExplained, s3Error } from './s3-error.js';
import { type S3Settings, serviceOf } from './settings.js';

const FIRST_SERVER_ERROR = 500;
const RIGHTS = 's3:PutObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads';

/** As {@link s3Error}, of a file that is written: AppError `DestinationUnavailable` or `DestinationRefused`. */
export function writeError(error: unknown, settings: S3Settings, path: string): unknown {
  if (error instanceof AppError) return asDestinationError(error);
  if (!(error instanceof S3ServiceException)) return asDestinationError(s3Error(error, settings, path));
  const address = addressOf(settings, path);
  const service = serviceOf(settings);
  const { name } = error;
  const { httpStatusCode: status = 0 } = error.$metadata;
  if (name === 'NoSuchUpload') return overtaken(address);
  if (name === 'AccessDenied') {
    return cannotWrite(`the access key may not write ${address}: check path and prefix, and allow it ${RIGHTS}`);
  }
  if (name === 'NotImplemented' || status === 501) {
    return cannotWrite(`${service} does not know uploads in parts, which writing ${address} needs`);
  }
  if (name === 'EntityTooLarge') return cannotWrite(`${address} becomes larger than ${service} allows`);
  if (name === 'QuotaExceeded' || status === 507) return notNow(`there is no space left to write ${address}`);
  const isRefusal = status >= 400 && status < FIRST_SERVER_ERROR && !isExplained(error);
  if (!isRefusal) return asDestinationError(s3Error(error, settings, path));
  return cannotWrite(
    `${service} refused to write ${address} (${status} ${name}): check the settings of the connection`,
  );
}
