import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { AppError } from '@penstock/domain';
import type { FileAccess, OpenedFile, StoredFile } from '../files/file-storage.js';
import { isPattern, unclosedHint } from '../files/path-pattern.js';
import { changed } from '../files/resuming-stream.js';
import { S3Body } from './body.js';
import { createClient } from './client.js';
import { addressOf, pathToOpen } from './keys.js';
import { listMatches } from './list-objects.js';
import { cannotContinue, isAbsentOrHidden, isBeyondEnd, isChanged, s3Error } from './s3-error.js';
import { type S3Settings, serviceOf } from './settings.js';
import { etagOf, versionOf } from './version.js';

/** Reads the objects of a bucket, below a prefix. Paths are normal ones; the rest of the contract is that of FileStorage. */
export class S3Bucket {
  readonly #settings: S3Settings;
  readonly #access: FileAccess;
  #made: S3Client | null = null;

  constructor(settings: S3Settings, access: FileAccess) {
    this.#settings = settings;
    this.#access = access;
  }

  async find(path: string, signal: AbortSignal): Promise<readonly StoredFile[]> {
    return await this.#explained(path, signal, async () => {
      const file = await this.#head(path, signal);
      if (file !== null) return [file];
      const files = await listMatches(this.#client, { settings: this.#settings, path }, signal);
      if (files.length > 0) return files;
      const message = `no file matches ${addressOf(this.#settings, path)}: check path and prefix${unclosedHint(path)}`;
      throw new AppError('SourceRefused', { message });
    });
  }

  async open(file: StoredFile, offset: number, signal: AbortSignal): Promise<OpenedFile> {
    const { path } = file;
    return await this.#explained(path, signal, async () => {
      if (offset > 0 && file.version === null) throw cannotContinue(this.#settings, path);
      // There is no range after the last byte.
      if (offset > 0 && offset === file.size)
        return { file: { ...file, path: pathToOpen(path) }, content: await this.#end(file, signal) };
      const answer = await this.#get(file, offset, signal);
      const body = answer.Body as Readable;
      try {
        const opened = openedFile(file, offset, answer);
        this.#checkRange(offset, answer);
        if (offset > 0 && opened.version !== file.version) throw changed(path);
        const explain = (error: unknown) => s3Error(error, this.#settings, path);
        return { file: opened, content: new S3Body(body, { expected: answer.ContentLength ?? null, signal, explain }) };
      } catch (error) {
        body.on('error', () => undefined).destroy();
        throw error;
      }
    });
  }

  close(): void {
    this.#made?.destroy();
    this.#made = null;
  }

  get #client(): S3Client {
    this.#made ??= createClient(this.#settings, this.#access);
    return this.#made;
  }

  /** What is known of a file; null when there is none, or none that one may see, and the path is a pattern. */
  async #head(path: string, signal: AbortSignal): Promise<StoredFile | null> {
    try {
      const head = await this.#client.send(new HeadObjectCommand(this.#object(path)), { abortSignal: signal });
      return {
        path: pathToOpen(path),
        size: head.ContentLength ?? null,
        modifiedAt: head.LastModified ?? null,
        version: versionOf(head, head.ContentLength ?? null),
      };
    } catch (error) {
      if (!(error instanceof S3ServiceException)) throw error;
      // What is wrong, the list will say.
      if (isPattern(path) && isAbsentOrHidden(error)) return null;
      throw await this.#reason(path, error, signal);
    }
  }

  /** An answer to HEAD has no body to say why, and that to GET has one. */
  async #reason(path: string, error: unknown, signal: AbortSignal): Promise<unknown> {
    try {
      const request = { ...this.#object(path), Range: 'bytes=0-0' };
      const { Body } = await this.#client.send(new GetObjectCommand(request), { abortSignal: signal });
      (Body as Readable).on('error', () => undefined).destroy();
      return error;
    } catch (reason) {
      signal.throwIfAborted();
      return reason;
    }
  }

  async #get(file: StoredFile, offset: number, signal: AbortSignal): Promise<GetObjectCommandOutput> {
    const etag = etagOf(file.version);
    const command = new GetObjectCommand({
      ...this.#object(file.path),
      ...(offset > 0 ? { Range: `bytes=${offset}-` } : {}),
      ...(offset > 0 && etag !== null ? { IfMatch: etag } : {}),
    });
    try {
      return await this.#client.send(command, { abortSignal: signal });
    } catch (error) {
      // It was longer than that.
      throw offset > 0 && isBeyondEnd(error) ? changed(file.path) : error;
    }
  }

  async #end(file: StoredFile, signal: AbortSignal): Promise<Readable> {
    const request = this.#object(file.path);
    const head = await this.#client.send(new HeadObjectCommand(request), { abortSignal: signal });
    const size = head.ContentLength ?? null;
    if (versionOf(head, size) !== file.version || size !== file.size) throw changed(file.path);
    return Readable.from([], { objectMode: false });
  }

  #object(path: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#settings.bucket, Key: this.#settings.prefix + path };
  }

  #checkRange(offset: number, { ContentRange }: GetObjectCommandOutput): void {
    if (offset === 0 || ContentRange?.startsWith(`bytes ${offset}-`) === true) return;
    const message = `${serviceOf(this.#settings)} cannot read from the middle of a file, which going on after an interruption needs`;
    throw new AppError('SourceRefused', { message });
  }

  /** Does something that fails with errors for the user. */
  async #explained<T>(path: string, signal: AbortSignal, action: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      signal.throwIfAborted();
      throw isChanged(error) ? changed(path) : s3Error(error, this.#settings, path);
    }
  }
}

function openedFile(file: StoredFile, offset: number, answer: GetObjectCommandOutput): StoredFile {
  const { ContentLength, LastModified } = answer;
  const size = ContentLength === undefined ? file.size : offset + ContentLength;
  return {
    path: pathToOpen(file.path),
    size,
    modifiedAt: LastModified ?? file.modifiedAt,
    version: versionOf(answer, size),
  };
}
