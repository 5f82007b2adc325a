import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { FileAccess } from '../files/file-storage.js';
import { checkLiteralHost, guardedLookup } from '../files/network-guard.js';
import { ANSWER_TIMEOUT_MS, CollectedBody } from './collected-body.js';
import type { S3Settings } from './settings.js';

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_SOCKETS = 10;

/**
 * What the SDK would otherwise look for in the environment, in files of the user that Penstock runs as, and at the cloud's
 * metadata service: settings of a connection must mean the same everywhere.
 */
const NOTHING_FROM_OUTSIDE = {
  ignoreConfiguredEndpointUrls: true,
  defaultsMode: 'standard',
  retryMode: 'standard',
  authSchemePreference: [],
  sigv4aSigningRegionSet: [],
  userAgentAppId: 'penstock',
  disableS3ExpressSessionAuth: true,
  disableMultiregionAccessPoints: true,
  useAccelerateEndpoint: false,
  useArnRegion: false,
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
} as const satisfies S3ClientConfig & { ignoreConfiguredEndpointUrls: boolean };

/** How a client waits, and how often it tries; times in milliseconds, 0 for no end. */
export interface ClientManner {
  readonly maxAttempts: number;
  /** For the beginning of an answer, from when the request was begun. */
  readonly requestTimeout: number;
  /** While nothing goes through a connection. */
  readonly socketTimeout: number;
}

/** A body is not read while the pipeline is busy with what it has: the reader of bodies keeps the time. */
const READING: ClientManner = { maxAttempts: 1, requestTimeout: ANSWER_TIMEOUT_MS, socketTimeout: 0 };

/** A client of the service. It keeps connections until it is destroyed. @throws AppError SourceRefused for a private address */
export function createClient(
  settings: S3Settings,
  { allowPrivateNetworks }: FileAccess,
  { maxAttempts, requestTimeout, socketTimeout }: ClientManner = READING,
): S3Client {
  const { accessKeyID, secretAccessKey, sessionToken, region, endpoint, pathStyle, ca } = settings;
  if (endpoint !== undefined) checkLiteralHost(new URL(endpoint).hostname, allowPrivateNetworks);
  const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS, lookup: guardedLookup(allowPrivateNetworks) };
  const client = new S3Client({
    ...NOTHING_FROM_OUTSIDE,
    region,
    credentials: {
      accessKeyId: accessKeyID,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: pathStyle,
    maxAttempts,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout,
      throwOnRequestTimeout: true,
      socketTimeout,
      httpAgent: new HttpAgent(sockets),
      httpsAgent: new HttpsAgent({ ...sockets, ...(ca === undefined ? {} : { ca }) }),
    },
  });
  boundAnswers(client);
  return client;
}

/** The SDK takes into memory all of an answer, however long, except the object that was asked for. */
function boundAnswers(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        const result = await next(request);
        const response = result.response as { readonly statusCode: number; body?: unknown };
        const isObject = commandName === 'GetObjectCommand' && response.statusCode >= 200 && response.statusCode < 300;
        if (!isObject && response.body instanceof Readable) response.body = CollectedBody.of(response.body);
        return result;
      },
    // Next to the network: before anything else has seen the answer.
    { step: 'deserialize', priority: 'low', name: 'boundAnswers' },
  );
}
