import type { Step } from './steps.js';

/** What one error code means to the HTTP layer, to the retry decision and to the reader. */
interface ErrorDefinition {
  /** HTTP status of the answer; only the api's error handler reads it. */
  readonly status: number;
  /** Whether a run that ended with this error may be tried again by itself. */
  readonly retryable: boolean;
  /** The text shown when the place that throws has nothing more exact to say. */
  readonly message: string;
}

const define = (status: number, message: string, retryable = false): ErrorDefinition => ({
  status,
  message,
  retryable,
});

/**
 * The one table of expected errors. `docs/errors.md` is tested against it.
 * The messages of the documented API are published words: they are part of the contract, verbatim.
 */
export const ERRORS = {
  BadRequest: define(400, 'request is not valid'),
  Unauthorized: define(401, 'API key is missing, malformed or does not exist'),
  Forbidden: define(403, 'API key is not allowed to do this'),
  NotFound: define(404, 'resource does not exist'),
  MethodNotAllowed: define(405, 'method is not allowed here'),
  IdempotencyKeyInFlight: define(
    409,
    'a request with the same Idempotency-Key is still being answered; try again shortly',
  ),
  BodyTooLarge: define(413, 'request body is larger than 512 KB'),
  UnsupportedMediaType: define(415, 'request body must be application/json with charset utf-8'),
  TooManyRequests: define(429, 'too many requests; wait as long as Retry-After says'),

  PipelineDisabled: define(422, 'pipeline is disabled'),
  IncrementalRequiresUpdateTimeColumn: define(422, 'incremental requires an update time column'),
  PipelineInProgress: define(422, 'pipeline is already in progress'),
  InspectionMode: define(422, 'data warehouse is in inspection mode'),
  MaintenanceMode: define(422, 'data warehouse is in maintenance mode'),
  IdempotencyKeyReused: define(422, 'Idempotency-Key was used before with a different request'),
  ConnectorNotExist: define(422, 'connector does not exist'),
  InvalidSettings: define(422, 'settings are not valid'),
  InvalidPlaceholder: define(422, 'query has a placeholder that does not exist'),
  InvalidQuery: define(422, 'the database refused the query'),
  FormatNotExist: define(422, 'file format does not exist'),
  InvalidPath: define(422, 'path is not valid'),
  SheetNotExist: define(422, 'sheet does not exist'),
  NoColumnsFound: define(422, 'file has no columns'),
  InvalidFile: define(422, 'file is not valid'),
  UnsupportedLanguage: define(422, 'transformation functions are not available on this installation'),
  WarehousePlatformNotExist: define(422, 'data warehouse platform does not exist'),
  InvalidWarehouseSettings: define(422, 'data warehouse settings are not valid'),
  WarehouseNotInitializable: define(422, 'data warehouse cannot be initialised'),
  DifferentWarehouse: define(422, 'data warehouse belongs to another workspace'),
  InvalidAlterSchema: define(422, 'profile schema cannot be altered like this'),
  OperationAlreadyExecuting: define(
    422,
    'another operation on the data warehouse is under way; wait until it has ended',
  ),
  PropertyNotExist: define(422, 'property does not exist in the profile schema'),
  TypeNotAllowed: define(422, 'property has a type that is not allowed here'),
  OrderNotExist: define(422, 'property to order by does not exist in the profile schema'),
  OrderTypeNotSortable: define(422, 'property to order by has a type that has no order'),
  ConnectionNotExist: define(422, 'connection does not exist'),
  RunNotRetryable: define(422, 'only a failed or cancelled run can be retried'),
  DryRunInProgress: define(422, 'a dry run of the pipeline is already in progress'),
  RunNotLive: define(422, 'run has already ended'),

  SourceUnavailable: define(503, 'the source cannot be reached', true),
  DestinationUnavailable: define(503, 'the destination cannot be reached', true),
  WarehouseUnavailable: define(503, 'the data warehouse cannot be reached', true),
  ServiceUnavailable: define(503, 'a service that Penstock needs cannot be reached', true),
  WarehouseConflict: define(503, 'the data warehouse was busy with a conflicting operation', true),
  StagedRowsMissing: define(503, 'the data warehouse lost staged rows, probably because it restarted', true),

  SourceRefused: define(422, 'the source refused to be read'),
  DestinationRefused: define(422, 'the destination refused to be written'),
  SchemaDrift: define(422, 'the source no longer has the schema that the pipeline was defined with'),
  WarehouseRefused: define(422, 'the data warehouse refused the import'),
  TooManyRefusedRecords: define(422, 'the data warehouse refused too many records'),
  DeleteBrake: define(422, 'the import would remove too many identities'),
  InvalidDefinition: define(422, 'the definition of the pipeline is no longer valid'),
  FunctionFailed: define(422, 'the transformation function cannot be run'),
  FunctionTimeout: define(422, 'the transformation function takes too long'),
  FunctionOutOfMemory: define(422, 'the transformation function uses too much memory'),
  NoProgress: define(422, 'the run made no progress for too long'),
  RunLost: define(422, 'the run was lost by its worker too many times'),
  RunCancelled: define(422, 'run was cancelled'),
  SettingsUnreadable: define(422, 'settings cannot be decrypted with the master keys of this installation'),
  InternalError: define(500, 'an internal error has occurred'),
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * A place in a text that a user wrote. Lines and columns count from 1, columns in characters; offset and length count UTF-16
 * units, offset from 0.
 */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  readonly length: number;
  /** What is around the place in its line, and below it carets under the place. */
  readonly excerpt: string;
}

/** One finding about a request: where it is (`transformation.mapping["email"]`) and what is wrong. */
export interface ErrorDetail {
  readonly path: string;
  readonly message: string;
  /** Where in the text at `path`, if that is an expression. */
  readonly position?: TextPosition;
}

export interface AppErrorOptions {
  /** Replaces the table's text where the thrower knows more. Never holds a secret or a record's values. */
  readonly message?: string;
  readonly details?: readonly ErrorDetail[] | Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An expected failure, with a text that its reader can act on. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: AppErrorOptions['details'];

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(options.message ?? ERRORS[code].message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** An expected failure that ends a run, with the step at which it happened. */
export class StepError extends AppError {
  readonly step: Step;

  constructor(step: Step, code: ErrorCode, options: AppErrorOptions = {}) {
    super(code, options);
    this.name = 'StepError';
    this.step = step;
  }
}
