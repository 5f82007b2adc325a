import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export const JSON_TYPE = 'application/json';
/** JSON a line (NDJSON), for files. */
export const LINES_TYPE = 'application/x-ndjson';

/**
 * Sends chunks as a client takes them: memory stays bounded however slow it reads. Nothing is sent before the first chunk is
 * there, so that an error until then is answered as one; later ones cut the connection. A client that leaves ends the source.
 * With the name of a file they are lines, to be saved in it.
 */
export async function sendStream(
  response: ServerResponse,
  chunks: AsyncIterable<string>,
  linesOf?: string,
): Promise<void> {
  const source = chunks[Symbol.asyncIterator]();
  const first = await source.next();
  response.statusCode = 200;
  response.setHeader('Content-Type', `${linesOf === undefined ? JSON_TYPE : LINES_TYPE}; charset=utf-8`);
  if (linesOf !== undefined) response.setHeader('Content-Disposition', `attachment; filename="${linesOf}"`);
  try {
    await pipeline(Readable.from(startingWith(first, source), { objectMode: false }), response);
  } catch (error) {
    if (!isPrematureClose(error)) throw error;
  }
}

async function* startingWith(first: IteratorResult<string>, rest: AsyncIterator<string>): AsyncGenerator<string> {
  try {
    for (let item = first; !item.done; item = await rest.next()) yield item.value;
  } finally {
    await rest.return?.();
  }
}

function isPrematureClose(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'ERR_STREAM_PREMATURE_CLOSE';
}

const CHUNK_LENGTH = 16_384;

/** `{"<member>":[...]}` in chunks of about 16 KiB. */
export async function* jsonList<T>(
  member: string,
  rows: AsyncIterable<T>,
  encode: (row: T) => unknown,
): AsyncGenerator<string> {
  let chunk = `{${JSON.stringify(member)}:[`;
  let separator = '';
  for await (const row of rows) {
    chunk += separator + JSON.stringify(encode(row));
    separator = ',';
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}]}`;
}

/** NDJSON in chunks of about 16 KiB. */
export async function* jsonLines<T>(rows: AsyncIterable<T>, encode: (row: T) => string): AsyncGenerator<string> {
  let chunk = '';
  for await (const row of rows) {
    chunk += `${encode(row)}\n`;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
