import { S3ServiceException } from '@aws-sdk/client-s3';
import { AppError } from '@penstock/domain';
import { isSystemError } from '../files/file-errors.js';
import { PRIVATE_ADDRESS, privateAddressError } from '../files/network-guard.js';
import { unclosedHint } from '../files/path-pattern.js';
import { EndlessAnswer } from './collected-body.js';
import { addressOf } from './keys.js';
import { type S3Settings, serviceOf } from './settings.js';

const MS_PER_SECOND = 1_000;
const FIRST_SERVER_ERROR = 500;

/** What was asked for when it failed. `path` is that of a file, or what files are looked for with. */
interface Question {
  readonly settings: S3Settings;
  readonly path: string;
  /** What the answer said besides its code. */
  readonly region: string | undefined;
}

type Sentence = (question: Question) => string;

const noAnswer: Sentence = ({ settings }) =>
  `no answer from ${serviceOf(settings)}: check endpoint, and that no firewall is in between`;
const notS3: Sentence = ({ settings }) =>
  `${serviceOf(settings)} does not answer as S3 does: check endpoint and pathStyle`;
const wrongKey: Sentence = ({ settings }) =>
  `${serviceOf(settings)} does not know the access key "${settings.accessKeyID}": check accessKeyID and endpoint`;
const expired: Sentence = () => 'the sessionToken has expired: set accessKeyID, secretAccessKey and sessionToken anew';
const invalidToken: Sentence = () =>
  'the sessionToken is not valid for the access key: check accessKeyID and sessionToken';
const wrongRegion: Sentence = ({ settings, region }) =>
  region === undefined || region === settings.region
    ? `bucket "${settings.bucket}" is not in region "${settings.region}", or has another endpoint: check region and endpoint`
    : `bucket "${settings.bucket}" is in region "${region}": set region to that`;
const noSuchFile: Sentence = ({ settings, path }) =>
  `${addressOf(settings, path)} does not exist: check path and prefix${unclosedHint(path)}`;

/** What the network says, by code. Trying again may help. */
const UNAVAILABLE: ReadonlyMap<string, Sentence> = new Map([
  [
    'ENOTFOUND',
    ({ settings }) => `the host of ${serviceOf(settings)} is unknown: check endpoint, region and pathStyle`,
  ],
  ['EAI_AGAIN', ({ settings }) => `the host of ${serviceOf(settings)} cannot be looked up at the moment`],
  [
    'ECONNREFUSED',
    ({ settings }) => `nothing listens at ${serviceOf(settings)}: check endpoint, and that the service is running`,
  ],
  [
    'ECONNRESET',
    ({ settings }) => `${serviceOf(settings)} closed the connection: check endpoint, if that happens again`,
  ],
  ['EPIPE', ({ settings }) => `${serviceOf(settings)} closed the connection: check endpoint, if that happens again`],
  ['ETIMEDOUT', noAnswer],
  ['EHOSTUNREACH', noAnswer],
  ['ENETUNREACH', noAnswer],
]);

/** What the service says, by its code. Somebody has to change something. */
const REFUSED: ReadonlyMap<string, Sentence> = new Map([
  ['NoSuchKey', noSuchFile],
  ['NotFound', noSuchFile],
  [
    'NoSuchBucket',
    ({ settings }) => `bucket "${settings.bucket}" does not exist at ${serviceOf(settings)}: check bucket and endpoint`,
  ],
  [
    'AccessDenied',
    ({ settings, path }) =>
      `the access key may not read ${addressOf(settings, path)}: check path and prefix, and allow it s3:GetObject and s3:ListBucket`,
  ],
  ['AllAccessDisabled', ({ settings }) => `bucket "${settings.bucket}" cannot be accessed by anybody: check bucket`],
  ['AccountProblem', () => 'the account of the access key has a problem that its provider knows: check accessKeyID'],
  ['InvalidAccessKeyId', wrongKey],
  [
    'SignatureDoesNotMatch',
    ({ settings }) =>
      `secretAccessKey is not the secret of access key "${settings.accessKeyID}": check accessKeyID, secretAccessKey and region`,
  ],
  ['ExpiredToken', expired],
  ['TokenRefreshRequired', expired],
  ['InvalidToken', invalidToken],
  ['PermanentRedirect', wrongRegion],
  ['TemporaryRedirect', wrongRegion],
  ['AuthorizationHeaderMalformed', wrongRegion],
  ['IllegalLocationConstraintException', wrongRegion],
  ['InvalidBucketName', ({ settings }) => `"${settings.bucket}" is not a bucket name: check bucket`],
  [
    'InvalidObjectState',
    ({ settings, path }) => `${addressOf(settings, path)} is archived (S3 Glacier): restore it, then run again`,
  ],
  ['KMS.DisabledException', ({ settings, path }) => `the key that encrypts ${addressOf(settings, path)} is disabled`],
  [
    'RequestTimeTooSkewed',
    ({ settings }) => `the clocks of this machine and of ${serviceOf(settings)} differ too much: set the clock`,
  ],
]);

/**
 * Explains a failure: AppError `SourceUnavailable` or `SourceRefused` in a sentence that names the setting to look at. AppErrors
 * are returned as they are. Words of the service are not passed on, only its code: it knows what was signed with the secret.
 */
export function s3Error(error: unknown, settings: S3Settings, path: string): AppError {
  if (error instanceof AppError) return error;
  const question = { settings, path, region: undefined };
  if (error instanceof S3ServiceException) return serviceError(error, { ...question, region: regionOf(error) });
  if (error instanceof EndlessAnswer) return new AppError('SourceRefused', { message: notS3(question) });
  if (isSystemError(error)) return networkError(error, question);
  const late = error instanceof Error && error.name === 'TimeoutError';
  return unavailable(late ? noAnswer(question) : notS3(question));
}

/** Whether a refusal has a sentence of its own, or is none but a matter of time, or none of S3. */
export function isExplained({ name }: S3ServiceException): boolean {
  return (
    REFUSED.has(name) ||
    name === 'SlowDown' ||
    name === 'RequestTimeout' ||
    !/^[A-Za-z0-9.]{1,64}$/.test(name) ||
    name === 'UnknownError'
  );
}

export function isAccessDenied(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === 'AccessDenied';
}

/** Whether there is no such object, or none that one may see. */
export function isAbsentOrHidden(error: unknown): boolean {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  return status === 404 || status === 403;
}

/** The service did not answer for as long as one waits. */
export function answerMissing(settings: S3Settings): AppError {
  return unavailable(noAnswer({ settings, path: '', region: undefined }));
}

/** It cannot be told whether the object is still the one that reading began with. Asking for the rest again would end the same way. */
export function cannotContinue(settings: S3Settings, path: string): AppError {
  const message = `${addressOf(settings, path)}: reading was interrupted, and cannot go on there because ${serviceOf(settings)} says neither ETag nor Last-Modified; run again`;
  return new AppError('SourceUnavailable', { message, details: { changed: true } });
}

/** Whether the object ends before what was asked for. */
export function isBeyondEnd(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === 'InvalidRange';
}

/** Whether the object is no longer the one that its ETag was given for. */
export function isChanged(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === 'PreconditionFailed';
}

function serviceError(error: S3ServiceException, question: Question): AppError {
  const refused = REFUSED.get(error.name);
  if (refused !== undefined) return new AppError('SourceRefused', { message: refused(question) });
  const { httpStatusCode: status = 0 } = error.$metadata;
  const service = serviceOf(question.settings);
  const code = /^[A-Za-z0-9.]{1,64}$/.test(error.name) ? error.name : 'unknown';
  if (status >= FIRST_SERVER_ERROR || code === 'SlowDown' || code === 'RequestTimeout') {
    return unavailable(`${service} cannot answer at the moment (${status} ${code})`, retryAfterMs(error));
  }
  // Without the code of an error it is no S3 that answers.
  if (code === 'unknown' || code === 'UnknownError') return new AppError('SourceRefused', { message: notS3(question) });
  const message = `${service} refused to read ${addressOf(question.settings, question.path)} (${status} ${code}): check the settings of the connection`;
  return new AppError('SourceRefused', { message });
}

function networkError(error: Error & { readonly code: string }, question: Question): AppError {
  const { settings } = question;
  if (error.code === PRIVATE_ADDRESS) {
    return privateAddressError(
      settings.endpoint === undefined ? serviceOf(settings) : new URL(settings.endpoint).hostname,
    );
  }
  const sentence = UNAVAILABLE.get(error.code);
  if (sentence !== undefined) return unavailable(sentence(question));
  if (/CERT|VERIFY|ALTNAME/.test(error.code)) {
    const message = `the TLS certificate of ${serviceOf(settings)} cannot be trusted (${error.code}): check endpoint and ca`;
    return new AppError('SourceRefused', { message });
  }
  return unavailable(notS3(question));
}

function unavailable(message: string, retryMs?: number): AppError {
  return new AppError('SourceUnavailable', {
    message,
    ...(retryMs === undefined ? {} : { details: { retryAfterMs: retryMs } }),
  });
}

function regionOf(error: S3ServiceException): string | undefined {
  const inBody: unknown = Reflect.get(error, 'Region');
  const region = header(error, 'x-amz-bucket-region') ?? inBody;
  return typeof region === 'string' && /^[a-z0-9-]{1,64}$/.test(region) ? region : undefined;
}

function retryAfterMs(error: S3ServiceException): number | undefined {
  const seconds = header(error, 'retry-after');
  return seconds !== undefined && /^\d{1,6}$/.test(seconds) ? Number(seconds) * MS_PER_SECOND : undefined;
}

function header(error: S3ServiceException, name: string): string | undefined {
  return error.$response?.headers[name];
}
