import { AppError } from '@penstock/domain';
import { asDestinationError } from '../files/destination-error.js';
import type { FileAccess, FileStorage, FileUpload, NewFile } from '../files/file-storage.js';
import { HTTP_LIMITS, type HttpLimits } from './exchange.js';
import { fileUrl } from './file-url.js';
import { HttpUpload } from './http-upload.js';
import { requestHeaders } from './request-headers.js';
import type { HttpSettings } from './settings.js';

/** What a server does with a whole file may take its time; and so long it may take no more of one. */
const POST_LIMITS: HttpLimits = { ...HTTP_LIMITS, headersMs: 120_000 };

/** Places of a web server that files are sent to by POST. There is nothing that could be read. */
export class HttpPostStorage implements FileStorage {
  readonly #settings: HttpSettings;
  readonly #access: FileAccess;
  readonly #limits: HttpLimits;

  constructor(settings: HttpSettings, access: FileAccess, limits: HttpLimits = POST_LIMITS) {
    this.#settings = settings;
    this.#access = access;
    this.#limits = limits;
  }

  absolutePath(path: string): string {
    return fileUrl(this.#settings, path).href;
  }

  async find(): Promise<never> {
    throw onlyWritten();
  }

  async open(): Promise<never> {
    throw onlyWritten();
  }

  /** A server has no names for unfinished files: what an earlier attempt was sending ends with its connection. */
  async create({ path, contentType }: NewFile, signal: AbortSignal): Promise<FileUpload> {
    signal.throwIfAborted();
    const { headers, ca } = this.#settings;
    const url = fileUrl(this.#settings, path);
    const options = { allowPrivateNetworks: this.#access.allowPrivateNetworks, limits: this.#limits, signal };
    try {
      const all = ['content-type', contentType, ...requestHeaders(headers)];
      return new HttpUpload({ method: 'POST', url, headers: all, ca }, options);
    } catch (error) {
      throw asDestinationError(error);
    }
  }

  async close(): Promise<void> {}
}

function onlyWritten(): AppError {
  return new AppError('SourceRefused', { message: 'http-post sends files and cannot read them: use http-get' });
}
