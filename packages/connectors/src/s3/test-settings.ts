import { HeadBucketCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { AppError, stopSignal } from '@penstock/domain';
import type { FileAccess } from '../files/file-storage.js';
import { createClient } from './client.js';
import { answerMissing, isAccessDenied, s3Error } from './s3-error.js';
import type { S3Settings } from './settings.js';

/** Somebody waits for it in front of a screen: it is over within 10 s, whatever the service does. */
const TEST_TIMEOUT_MS = 9_000;

/**
 * Lists one file or, where that is not allowed, asks for the bucket. Throws AppError `SourceUnavailable` or `SourceRefused` with
 * a sentence that names the setting to look at.
 */
export async function testS3(settings: S3Settings, access: FileAccess, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const client = createClient(settings, access);
  const stop = stopSignal([signal], TEST_TIMEOUT_MS);
  try {
    await listOrAsk(client, settings, stop.signal);
  } catch (error) {
    signal.throwIfAborted();
    throw stop.signal.aborted ? answerMissing(settings) : error;
  } finally {
    stop.release();
    client.destroy();
  }
}

async function listOrAsk(client: S3Client, settings: S3Settings, signal: AbortSignal): Promise<void> {
  const { bucket: Bucket, prefix: Prefix } = settings;
  try {
    await client.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }), { abortSignal: signal });
  } catch (error) {
    if (!isAccessDenied(error)) throw s3Error(error, settings, '');
    await client.send(new HeadBucketCommand({ Bucket }), { abortSignal: signal }).catch(() => {
      throw mayNotList(settings);
    });
  }
}

function mayNotList({ accessKeyID, bucket }: S3Settings): AppError {
  const message = `access key "${accessKeyID}" may not list bucket "${bucket}": check accessKeyID and bucket, and allow it s3:ListBucket; single files may be readable all the same`;
  return new AppError('SourceRefused', { message });
}
