import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Credentials, signatureProblem } from './s3-signature.js';
import { S3Uploads } from './s3-uploads.js';

/** A service of a test, with the settings that reach it. */
export interface S3Test {
  readonly settings: Readonly<Record<string, unknown>>;
  put(key: string, body: string | Uint8Array): Promise<void>;
  stop(): Promise<void>;
}

interface S3rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}
type S3rverClass = new (options: Readonly<Record<string, unknown>>) => S3rver;

const BUCKET = 'penstock-test';
const KEY = 'S3RVER';

/** Of the plain service. */
const CREDENTIALS: Credentials = {
  accessKeyID: 'AKIATEST',
  secretAccessKey: 'the-secret/of+the=test',
  region: 'eu-south-1',
};

/**
 * s3rver, which others have written. It checks no signatures of version 4, knows no If-Match and, with the OpenSSL of today, no
 * second page of a list: for these there is {@link startPlainS3}.
 */
export async function startS3rver(): Promise<S3Test> {
  const require = createRequire(import.meta.url);
  const S3rver = require('s3rver') as S3rverClass;
  const directory = await mkdtemp(path.join(tmpdir(), 'penstock-s3-'));
  const options = { address: '127.0.0.1', port: 0, silent: true, directory, vhostBuckets: false };
  const server = new S3rver({ ...options, configureBuckets: [{ name: BUCKET, configs: [] }] });
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: KEY, secretAccessKey: KEY };
  const client = new S3Client({
    endpoint,
    credentials,
    region: 'us-east-1',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  return {
    settings: { accessKeyID: KEY, secretAccessKey: KEY, bucket: BUCKET, endpoint, pathStyle: true },
    put: async (key, body) => {
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: Buffer.from(body as Uint8Array) }));
    },
    stop: async () => {
      client.destroy();
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** What a service answers instead. */
export interface S3Failure {
  readonly status: number;
  readonly code: string;
  /** More elements of its body. */
  readonly xml?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Lists are answered all the same. */
  readonly listsAnyway?: boolean;
}

/** A service that does as it is told. */
export interface PlainS3 extends S3Test {
  readonly port: number;
  readonly requests: IncomingMessage[];
  /** Connections that are open. */
  connections(): number;
  /** Answers all requests with a failure; null: no longer. */
  fail(failure: S3Failure | null): void;
  /** What it says of objects that tells one version from another. */
  tell(what: 'all' | 'no ETag' | 'nothing'): void;
  /** Closes connections after so many bytes of a body; null: no longer. */
  cutAfter(bytes: number | null): void;
  /** Sends so many bytes of a body, and nothing any more; null: no longer. */
  stallAfter(bytes: number | null): void;
  /** What is uploaded in parts. */
  readonly uploads: S3Uploads;
  /** An object, as everybody sees it; undefined: there is none. */
  object(key: string): Buffer | undefined;
  /** Bytes of bodies that were taken from it. */
  sent(): number;
}

/**
 * The part of the published protocol that is needed: signatures of version 4, HEAD, GET with Range and If-Match, lists of 1,000 keys,
 * and uploads in parts.
 */
export async function startPlainS3(
  tls: { readonly cert: Buffer; readonly key: Buffer } | null = null,
): Promise<PlainS3> {
  const objects = new Map<string, { readonly body: Buffer; readonly etag: string; readonly time: Date }>();
  const sockets = new Set<Socket>();
  const requests: IncomingMessage[] = [];
  /** What goes on when a response takes more, or is closed. */
  const pending = new WeakMap<ServerResponse, () => void>();
  const putObject = (key: string, body: Buffer) => {
    versions += 1;
    // Lists say it to the millisecond.
    const time = new Date(Date.parse('2030-01-02T03:04:05.678Z') + versions * 1_000);
    objects.set(key, { body, etag: `"version-${versions}"`, time });
  };
  const uploads = new S3Uploads(putObject);
  let [failure, cut, stall]: [S3Failure | null, number | null, number | null] = [null, null, null];
  let [sent, versions] = [0, 0];
  let told: 'all' | 'no ETag' | 'nothing' = 'all';

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request);
    const url = new URL(request.url ?? '', 'http://localhost');
    const key = decodeURIComponent(url.pathname).slice(`/${BUCKET}/`.length);
    const isList = url.searchParams.get('list-type') === '2';
    if (failure !== null && !(isList && failure.listsAnyway === true)) return refuse(request, response, failure);
    const problem = signatureProblem(request, CREDENTIALS);
    if (problem !== null) {
      const xml = `<Region>${CREDENTIALS.region}</Region>`;
      return refuse(request, response, { status: problem.startsWith('Auth') ? 400 : 403, code: problem, xml });
    }
    if (!url.pathname.startsWith(`/${BUCKET}`)) return refuse(request, response, { status: 404, code: 'NoSuchBucket' });
    if (isList) return list(url.searchParams, response);
    if (uploads.concerns(request, url)) return void uploads.answer(request, { url, key }, response);
    const object = objects.get(key);
    if (object === undefined) return refuse(request, response, { status: 404, code: 'NoSuchKey' });
    const condition = request.headers['if-match'];
    if (condition !== undefined && condition !== object.etag) {
      return refuse(request, response, { status: 412, code: 'PreconditionFailed' });
    }
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (start > 0 && start >= object.body.length)
      return refuse(request, response, { status: 416, code: 'InvalidRange' });
    const body = object.body.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      ...(told === 'all' ? { etag: object.etag } : {}),
      'content-length': body.length,
      ...(told === 'nothing' ? {} : { 'last-modified': object.time.toUTCString() }),
      ...(start > 0 ? { 'content-range': `bytes ${start}-${object.body.length - 1}/${object.body.length}` } : {}),
    });
    const go = () => pending.get(response)?.();
    response.on('drain', go).on('close', go);
    if (request.method === 'HEAD') response.end();
    else void send(body, response);
  };
  const send = async (body: Buffer, response: ServerResponse) => {
    const limit = cut ?? stall ?? body.length;
    for (let at = 0; at < Math.min(limit, body.length); at += 16_384) {
      const chunk = body.subarray(at, Math.min(at + 16_384, limit));
      sent += chunk.length;
      if (!response.write(chunk)) await new Promise<void>((resolve) => pending.set(response, resolve));
      if (response.destroyed) return;
    }
    if (cut !== null) response.write('', () => response.socket?.destroySoon());
    else if (stall === null) response.end();
  };
  const list = (query: URLSearchParams, response: ServerResponse) => {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? '';
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, Number(query.get('max-keys') ?? 1_000));
    const contents = page.map((key) => {
      const { body, etag, time } = objects.get(key) ?? { body: Buffer.alloc(0), etag: '', time: new Date(0) };
      const tag = told === 'all' ? `<ETag>${etag.replaceAll('"', '&quot;')}</ETag>` : '';
      const modified = told === 'nothing' ? '' : `<LastModified>${time.toISOString()}</LastModified>`;
      return `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${body.length}</Size>${tag}${modified}</Contents>`;
    });
    const more = page.length < keys.length;
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    response.setHeader('content-type', 'application/xml');
    response.end(
      `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    );
  };
  const server = tls === null ? createServer(answer) : createTlsServer(tls, answer);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    requests,
    settings: {
      ...CREDENTIALS,
      bucket: BUCKET,
      endpoint: tls === null ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
      pathStyle: true,
    },
    connections: () => sockets.size,
    sent: () => sent,
    fail: (next) => {
      failure = next;
    },
    tell: (what) => {
      told = what;
    },
    cutAfter: (bytes) => {
      cut = bytes;
    },
    stallAfter: (bytes) => {
      stall = bytes;
    },
    uploads,
    object: (key) => objects.get(key)?.body,
    put: async (key, body) => putObject(key, Buffer.from(body as Uint8Array)),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function refuse(request: IncomingMessage, response: ServerResponse, { status, code, xml, headers }: S3Failure): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers });
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>said by the service</Message>${xml ?? ''}</Error>`;
  response.end(request.method === 'HEAD' ? undefined : body);
}
