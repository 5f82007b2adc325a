import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

const MIN_PART_BYTES = 5 * 1024 * 1024;
const XML = { 'content-type': 'application/xml' };

interface Upload {
  readonly id: string;
  readonly key: string;
  readonly contentType: string;
  readonly initiated: Date;
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

interface Refusal {
  readonly operation: string;
  readonly status: number;
  readonly code: string;
  /** How often; each time, where it is not said. */
  readonly times?: number;
}

interface Target {
  readonly url: URL;
  readonly key: string;
}

/** Uploads in parts, as S3 describes them: begun, listed, filled in any order, completed or aborted. */
export class S3Uploads {
  /** Those that are unfinished. */
  readonly open = new Map<string, Upload>();
  /** Most uploads of a page of a list. */
  pageSize = 1_000;
  /** Called before a part is answered. */
  beforePart: (part: number) => Promise<void> | void = () => undefined;
  /** What is refused; null: nothing. */
  refused: Refusal | null = null;
  /** Bytes of the parts that came, in the order of their numbers, of all uploads. */
  readonly partBytes: number[] = [];
  /** Content types of the files that were completed. */
  readonly types = new Map<string, string>();
  /** Parts that are received at this moment, and the most that ever were. */
  receiving = 0;
  mostReceiving = 0;
  readonly #put: (key: string, body: Buffer) => void;
  #ids = 0;
  /** Of the next upload that is begun; a second later each time. */
  clock = Date.parse('2031-01-01T00:00:00Z');

  constructor(put: (key: string, body: Buffer) => void) {
    this.#put = put;
  }

  concerns({ method }: IncomingMessage, { searchParams }: URL): boolean {
    return searchParams.has('uploads') || searchParams.has('uploadId') || method === 'PUT';
  }

  /** Begins one, as somebody else would. */
  begin(key: string, contentType = ''): Upload {
    this.#ids += 1;
    this.clock += 1_000;
    const upload = { id: `upload-${this.#ids}`, key, contentType, initiated: new Date(this.clock), parts: new Map() };
    this.open.set(upload.id, upload);
    return upload;
  }

  async answer(request: IncomingMessage, { url, key }: Target, response: ServerResponse): Promise<unknown> {
    const body = await buffer(request).catch(() => null);
    if (body === null) return undefined;
    const query = url.searchParams;
    const operation = `${request.method} ${query.has('uploads') ? 'uploads' : query.has('partNumber') ? 'part' : 'upload'}`;
    if (this.refused?.operation === operation) {
      const { status, code, times = Number.POSITIVE_INFINITY } = this.refused;
      this.refused = times > 1 ? { ...this.refused, times: times - 1 } : null;
      return refuse(response, status, code);
    }
    if (operation === 'POST uploads') {
      const { id } = this.begin(key, request.headers['content-type']);
      return response
        .writeHead(200, XML)
        .end(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }
    if (operation === 'GET uploads') return this.#list(query, response);
    const upload = this.open.get(query.get('uploadId') ?? '');
    if (upload === undefined || upload.key !== key) return refuse(response, 404, 'NoSuchUpload');
    if (operation === 'PUT part')
      return await this.#part(upload, { number: Number(query.get('partNumber')), body }, response);
    if (operation === 'POST upload') return this.#complete(upload, body.toString(), response);
    this.open.delete(upload.id);
    return response.writeHead(204).end();
  }

  async #part(
    { parts }: Upload,
    { number, body }: { readonly number: number; readonly body: Buffer },
    response: ServerResponse,
  ): Promise<void> {
    this.receiving += 1;
    this.mostReceiving = Math.max(this.receiving, this.mostReceiving);
    await this.beforePart(number);
    this.receiving -= 1;
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    parts.set(number, { body, etag });
    this.partBytes.push(body.length);
    response.writeHead(200, { etag }).end();
  }

  #complete({ id, key, contentType, parts }: Upload, xml: string, response: ServerResponse): unknown {
    const named = [...xml.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
      etag: (/<ETag>(.*?)</.exec(part)?.[1] ?? '').replaceAll('&quot;', '"'),
    }));
    const known = named.map(({ number }) => parts.get(number));
    if (named.length === 0) return refuse(response, 400, 'MalformedXML');
    if (named.some(({ number }, index) => number <= (named[index - 1]?.number ?? 0))) {
      return refuse(response, 400, 'InvalidPartOrder');
    }
    if (named.some(({ etag }, index) => known[index]?.etag !== etag)) return refuse(response, 400, 'InvalidPart');
    const bodies = known.flatMap((part) => (part === undefined ? [] : [part.body]));
    if (bodies.slice(0, -1).some(({ length }) => length < MIN_PART_BYTES))
      return refuse(response, 400, 'EntityTooSmall');
    this.open.delete(id);
    this.types.set(key, contentType);
    this.#put(key, Buffer.concat(bodies));
    return response.writeHead(200, XML).end('<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
  }

  #list(query: URLSearchParams, response: ServerResponse): void {
    const marker = `${query.get('key-marker') ?? ''}\n${query.get('upload-id-marker') ?? ''}`;
    const place = ({ key, id }: Upload) => `${key}\n${id}`;
    const all = [...this.open.values()]
      .filter((upload) => upload.key.startsWith(query.get('prefix') ?? '') && place(upload) > marker)
      .sort((a, b) => (place(a) < place(b) ? -1 : 1));
    const page = all.slice(0, this.pageSize);
    const last = page.at(-1);
    const more = page.length < all.length && last !== undefined;
    const next = more
      ? `<NextKeyMarker>${last.key}</NextKeyMarker><NextUploadIdMarker>${last.id}</NextUploadIdMarker>`
      : '';
    const shown = page.map(
      ({ key, id, initiated }) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiated.toISOString()}</Initiated></Upload>`,
    );
    response.writeHead(200, XML);
    response.end(
      `<ListMultipartUploadsResult><IsTruncated>${more}</IsTruncated>${next}${shown.join('')}</ListMultipartUploadsResult>`,
    );
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, XML).end(`<Error><Code>${code}</Code><Message>said by the service</Message></Error>`);
}
