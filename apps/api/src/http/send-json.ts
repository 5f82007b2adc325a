import type { ServerResponse } from 'node:http';

/** Ends a response with JSON. Express's own `json` also makes an ETag, which costs more than the rest on small answers. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

export function sendNothing(response: ServerResponse): void {
  response.statusCode = 204;
  response.end();
}
