import { AppError } from '@penstock/domain';
import type { FileAccess, FileStorage, OpenedFile, StoredFile } from '../files/file-storage.js';
import { checkLiteralHost } from '../files/network-guard.js';
import { type ExchangeOptions, HTTP_LIMITS, type HttpLimits } from './exchange.js';
import { fileUrl, shownPath, shownUrl } from './file-url.js';
import { followRedirects } from './follow-redirects.js';
import { HttpBody } from './http-body.js';
import type { HttpSettings } from './settings.js';
import { ifRange } from './validators.js';
import { readRest, readWhole } from './wanted-part.js';

/** Files of a web server, read by GET. */
export class HttpStorage implements FileStorage {
  readonly #settings: HttpSettings;
  readonly #access: FileAccess;
  readonly #limits: HttpLimits;
  readonly #open = new Set<HttpBody>();

  constructor(settings: HttpSettings, access: FileAccess, limits: HttpLimits = HTTP_LIMITS) {
    this.#settings = settings;
    this.#access = access;
    this.#limits = limits;
  }

  absolutePath(path: string): string {
    return fileUrl(this.#settings, path).href;
  }

  /** The path itself: what is there is known when it is opened. */
  async find(path: string, signal: AbortSignal): Promise<readonly StoredFile[]> {
    signal.throwIfAborted();
    const url = fileUrl(this.#settings, path);
    checkLiteralHost(url.hostname, this.#access.allowPrivateNetworks);
    return [{ path, name: shownPath(path), size: null, modifiedAt: null, version: null }];
  }

  async open(file: StoredFile, offset: number, signal: AbortSignal): Promise<OpenedFile> {
    const url = fileUrl(this.#settings, file.path);
    if (offset > 0 && file.version === null) throw cannotContinue(url);
    const { allowPrivateNetworks } = this.#access;
    const options: ExchangeOptions = { allowPrivateNetworks, limits: this.#limits, signal };
    const exchange = await followRedirects(
      { url, headers: rangeHeaders(file, offset), ownHeaders: this.#settings.headers, ca: this.#settings.ca },
      options,
    );
    try {
      const [opened, part] = offset === 0 ? readWhole(exchange, file) : readRest(exchange, file, offset);
      return {
        file: { ...opened, name: shownPath(file.path) },
        content: this.#track(new HttpBody(exchange, part, signal)),
      };
    } catch (error) {
      await exchange.end();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const body of this.#open) body.destroy();
    this.#open.clear();
  }

  #track(body: HttpBody): HttpBody {
    this.#open.add(body);
    return body.once('close', () => this.#open.delete(body));
  }
}

function rangeHeaders({ version }: StoredFile, offset: number): readonly string[] {
  if (offset === 0 || version === null) return [];
  return ['range', `bytes=${offset}-`, 'if-range', ifRange(version)];
}

/** Asking for the rest again would end the same way. */
function cannotContinue(url: URL): AppError {
  const message = `${shownUrl(url)}: reading was interrupted, and cannot go on there because the server says neither ETag nor Last-Modified; run again`;
  return new AppError('SourceUnavailable', { message, details: { changed: true } });
}
