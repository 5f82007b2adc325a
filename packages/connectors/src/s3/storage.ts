import type { FileAccess, FileStorage, FileUpload, NewFile, OpenedFile, StoredFile } from '../files/file-storage.js';
import type { S3Bucket } from './bucket.js';
import { addressOf, normalPath } from './keys.js';
import type { S3Settings } from './settings.js';

/** The files of a bucket. The SDK takes most of a second to be loaded: that waits until something is asked for. */
export class S3Storage implements FileStorage {
  readonly #settings: S3Settings;
  readonly #access: FileAccess;
  #bucket: Promise<S3Bucket> | null = null;

  constructor(settings: S3Settings, access: FileAccess) {
    this.#settings = settings;
    this.#access = access;
  }

  absolutePath(path: string): string {
    return addressOf(this.#settings, normalPath(this.#settings, path));
  }

  async find(path: string, signal: AbortSignal): Promise<readonly StoredFile[]> {
    const normal = normalPath(this.#settings, path);
    return await (await this.#loaded()).find(normal, signal);
  }

  async open(file: StoredFile, offset: number, signal: AbortSignal): Promise<OpenedFile> {
    const normal = { ...file, path: normalPath(this.#settings, file.path) };
    return await (await this.#loaded()).open(normal, offset, signal);
  }

  async create(file: NewFile, signal: AbortSignal): Promise<FileUpload> {
    const path = normalPath(this.#settings, file.path);
    const { beginUpload } = await import('./begin-upload.js');
    return await beginUpload({ settings: this.#settings, access: this.#access }, { ...file, path }, signal);
  }

  async close(): Promise<void> {
    (await this.#bucket)?.close();
    this.#bucket = null;
  }

  #loaded(): Promise<S3Bucket> {
    this.#bucket ??= this.#load();
    return this.#bucket;
  }

  async #load(): Promise<S3Bucket> {
    const { S3Bucket } = await import('./bucket.js');
    return new S3Bucket(this.#settings, this.#access);
  }
}
