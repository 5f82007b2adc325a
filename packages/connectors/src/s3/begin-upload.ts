import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type MultipartUpload,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { FileAccess, FileUpload, NewFile } from '../files/file-storage.js';
import { type ClientManner, createClient } from './client.js';
import type { S3Settings } from './settings.js';
import { S3Upload } from './upload.js';
import { writeError } from './write-error.js';

/** A part may take as long as it needs while something moves; one that fails is sent again. */
const WRITING: ClientManner = { maxAttempts: 3, requestTimeout: 0, socketTimeout: 60_000 };
/** Of 1,000 uploads each. */
const MAX_PAGES = 100;

export interface S3Place {
  readonly settings: S3Settings;
  readonly access: FileAccess;
}

/** An upload in parts that nobody sees before it is completed. */
export interface PartsUpload {
  readonly client: S3Client;
  readonly settings: S3Settings;
  /** Path as the storage knows it. */
  readonly path: string;
  /** What requests name it by. */
  readonly target: { readonly Bucket: string; readonly Key: string; readonly UploadId: string };
}

/**
 * Begins a file, as `FileStorage.create` does. Small ones are uploaded in parts, too: an upload can be aborted by who comes later, and
 * a request that puts a whole object, sent by a worker that was stopped long ago, cannot.
 */
export async function beginUpload(
  { settings, access }: S3Place,
  { path, contentType }: NewFile,
  signal: AbortSignal,
): Promise<FileUpload> {
  let client: S3Client | null = null;
  try {
    signal.throwIfAborted();
    client = createClient(settings, access, WRITING);
    const object = { Bucket: settings.bucket, Key: settings.prefix + path };
    const create = new CreateMultipartUploadCommand({ ...object, ContentType: contentType });
    const { UploadId = '' } = await client.send(create, { abortSignal: signal });
    const upload = new S3Upload({ client, settings, path, target: { ...object, UploadId } }, signal);
    await abortEarlier({ client, settings, path, target: { ...object, UploadId } }, signal).catch(async (error) => {
      await upload.discard();
      throw error;
    });
    return upload;
  } catch (error) {
    client?.destroy();
    signal.throwIfAborted();
    throw writeError(error, settings, path);
  }
}

/**
 * Aborts the uploads of exactly this key that were begun before this one. They are of earlier attempts, or of somebody else who
 * is about to replace the file that is written here: both must not become the file after this one has. Those that were begun later stay:
 * they are of later attempts, which abort this one.
 */
async function abortEarlier({ client, target }: PartsUpload, signal: AbortSignal): Promise<void> {
  const { Bucket, Key, UploadId } = target;
  const uploads = await listUploads(client, { Bucket, Prefix: Key }, signal);
  const ofKey = uploads.filter((upload) => upload.Key === Key);
  const own = ofKey.find((upload) => upload.UploadId === UploadId);
  for (const upload of ofKey) {
    if (upload.UploadId === undefined || upload === own || isLater(upload, own)) continue;
    const abort = new AbortMultipartUploadCommand({ Bucket, Key, UploadId: upload.UploadId });
    await client.send(abort, { abortSignal: signal }).catch((error: unknown) => {
      // Somebody else was faster.
      if (!(error instanceof Error && error.name === 'NoSuchUpload')) throw error;
    });
  }
}

/** Of two that were begun in the same moment none is later. */
function isLater({ Initiated: time }: MultipartUpload, own: MultipartUpload | undefined): boolean {
  return time !== undefined && own?.Initiated !== undefined && time > own.Initiated;
}

async function listUploads(
  client: S3Client,
  request: { readonly Bucket: string; readonly Prefix: string },
  signal: AbortSignal,
): Promise<readonly MultipartUpload[]> {
  const uploads: MultipartUpload[] = [];
  let marker: { readonly KeyMarker?: string | undefined; readonly UploadIdMarker?: string | undefined } = {};
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.send(new ListMultipartUploadsCommand({ ...request, ...marker }), {
      abortSignal: signal,
    });
    uploads.push(...(answer.Uploads ?? []));
    // The key itself comes first of all that begin with it.
    const beyond = uploads.at(-1)?.Key !== request.Prefix;
    if (answer.IsTruncated !== true || beyond) break;
    marker = { KeyMarker: answer.NextKeyMarker, UploadIdMarker: answer.NextUploadIdMarker };
  }
  return uploads;
}
