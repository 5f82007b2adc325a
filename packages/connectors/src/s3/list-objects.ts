import { type _Object, ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { AppError } from '@penstock/domain';
import type { StoredFile } from '../files/file-storage.js';
import { MAX_MATCHED_FILES } from '../files/limits.js';
import { compilePattern } from '../files/path-pattern.js';
import { SearchTurns } from '../files/search-turns.js';
import { addressOf, literalBeginning, pathToOpen } from './keys.js';
import type { S3Settings } from './settings.js';
import { versionOf } from './version.js';

/** Of 1,000 keys each. */
const MAX_PAGES = 100;
const PAGE_KEYS = 1_000;

/**
 * The files that a pattern matches, in the order of their paths; keys that end with a slash are not files. Throws what the SDK
 * throws, and AppError `InvalidPath`, or `SourceRefused` for a pattern that stands for too much.
 */
export async function listMatches(
  client: S3Client,
  { settings, path }: { readonly settings: S3Settings; readonly path: string },
  signal: AbortSignal,
): Promise<StoredFile[]> {
  const pattern = compilePattern(path);
  const turns = new SearchTurns(pattern, signal);
  const found: StoredFile[] = [];
  const request = { Bucket: settings.bucket, Prefix: settings.prefix + literalBeginning(path), MaxKeys: PAGE_KEYS };
  let token: string | undefined;
  for (let page = 0; ; page += 1) {
    if (page === MAX_PAGES) {
      throw tooMany(
        settings,
        path,
        `more than ${MAX_PAGES * PAGE_KEYS} keys begin as it does; give it a longer beginning`,
      );
    }
    // Encoded: a key may have characters that XML cannot have.
    const command = new ListObjectsV2Command({ ...request, EncodingType: 'url', ContinuationToken: token });
    const answer = await client.send(command, { abortSignal: signal });
    for (const object of answer.Contents ?? []) {
      if (turns.due) await turns.take();
      const file = fileOf(object, settings, answer);
      if (file !== null && pattern.matches(file.path)) found.push({ ...file, path: pathToOpen(file.path) });
    }
    if (found.length > MAX_MATCHED_FILES)
      throw tooMany(settings, path, `it matches more than ${MAX_MATCHED_FILES} files`);
    if (answer.IsTruncated !== true || answer.NextContinuationToken === undefined) break;
    token = answer.NextContinuationToken;
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function fileOf(
  { Key, Size, ETag, LastModified }: _Object,
  { prefix }: S3Settings,
  { EncodingType }: ListObjectsV2CommandOutput,
): StoredFile | null {
  const key = EncodingType === 'url' ? decodeKey(Key ?? '') : (Key ?? '');
  if (!key.startsWith(prefix) || key.endsWith('/') || key.length === prefix.length) return null;
  return {
    path: key.slice(prefix.length),
    size: Size ?? null,
    modifiedAt: LastModified ?? null,
    version: versionOf({ ETag, LastModified }, Size ?? null),
  };
}

function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replace(/\+/g, '%20'));
  } catch {
    return encoded;
  }
}

function tooMany(settings: S3Settings, path: string, what: string): AppError {
  const message = `${addressOf(settings, path)} stands for too many files: ${what}`;
  return new AppError('SourceRefused', { message });
}
