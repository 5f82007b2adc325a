import { errorBody } from '@penstock/shared/contracts';
import { expect } from 'vitest';
import type { z } from 'zod';
import { routes } from '../../src/routes/index.js';

export interface Call {
  readonly key?: string;
  /** Sent as X-Workspace. */
  readonly workspace?: number | string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array | ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies whose schema has been checked
  readonly body: any;
}

export async function send(url: string, method: string, { key, workspace, body, raw, headers }: Call): Promise<Answer> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method,
    headers: {
      ...(key !== undefined && { Authorization: `Bearer ${key}` }),
      ...(workspace !== undefined && { 'X-Workspace': String(workspace) }),
      ...(payload !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(payload !== undefined && { body: payload }),
    ...(raw instanceof ReadableStream && { duplex: 'half' }),
    redirect: 'manual',
  } as RequestInit);
  const text = await response.text();
  const json = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: json && text !== '' ? JSON.parse(text) : undefined,
  };
}

/** Every answer of the API has the form that its documentation promises, and its Request-Id. */
export function checkAnswer(method: string, path: string, answer: Answer): void {
  const requestId = answer.headers.get('request-id');
  expect(requestId).toMatch(/^[A-Za-z0-9._-]+$/);
  expect(answer.headers.get('x-powered-by')).toBeNull();
  if (answer.status >= 400 && method !== 'HEAD') {
    expect(errorBody.parse(answer.body).error.requestId).toBe(requestId);
    return;
  }
  const route = routeOf(method, path);
  if (route === undefined) return;
  if (route.response === null) expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
  else {
    expect(answer.status).toBe(200);
    if (answer.headers.get('content-type')?.startsWith('application/x-ndjson')) checkLines(route, answer);
    else route.response.parse(answer.body);
  }
}

function checkLines({ line }: { readonly line?: z.ZodType }, { text }: Answer): void {
  const lines = text.split('\n');
  expect(lines.pop()).toBe('');
  for (const each of lines) line?.parse(JSON.parse(each));
}

function routeOf(method: string, path: string) {
  const pathname = path.replace(/\?.*/, '');
  const matching = routes.filter(
    (route) =>
      route.method === method.toLowerCase() && new RegExp(`^${route.path.replace(/:\w+/g, '[^/]+')}$`).test(pathname),
  );
  return matching.sort((a, b) => a.path.split(':').length - b.path.split(':').length)[0];
}

/** What an error answer says about the parts of its request. */
export function detailsOf({ body }: Answer): { path: string; message: string }[] {
  return body.error.details;
}

/** The code and the message of an error answer. */
export function errorOf({ status, body }: Answer): { status: number; code: string; message: string } {
  return { status, code: body.error.code, message: body.error.message };
}
