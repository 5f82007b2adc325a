import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface JsonRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly at: number;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, everything else as JSON. */
  readonly body?: unknown;
}

export type JsonHandler = (request: JsonRequest) => JsonAnswer;

/** Misbehaves in the place of the handler, or after it has done its work. */
export type Fault = (response: ServerResponse, work: () => JsonAnswer, request: JsonRequest) => void;

export interface JsonServer {
  readonly origin: string;
  readonly requests: readonly JsonRequest[];
  /** Answers the next requests, one fault each, that match; those before come first. */
  fail(fault: Fault, times?: number, matches?: (request: JsonRequest) => boolean): void;
  stop(): Promise<void>;
}

interface Planned {
  readonly fault: Fault;
  readonly matches: (request: JsonRequest) => boolean;
  left: number;
}

/** An HTTP server that answers with JSON, unless it is told to misbehave. */
export async function startJsonServer(handler: JsonHandler): Promise<JsonServer> {
  const requests: JsonRequest[] = [];
  const planned: Planned[] = [];
  const server = createServer((incoming, response) => {
    void received(incoming).then((request) => {
      requests.push(request);
      const work = (): JsonAnswer => handler(request);
      const plan = planned.find(({ left, matches }) => left > 0 && matches(request));
      if (plan === undefined) return answer(response, work());
      plan.left -= 1;
      plan.fault(response, work, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail: (fault, times = 1, matches = () => true) => planned.push({ fault, matches, left: times }),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function received(incoming: IncomingMessage): Promise<JsonRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = '', headers, url = '/' } = incoming;
  const text = Buffer.concat(chunks).toString();
  return { method, headers, text, url: new URL(url, 'http://server.example'), at: performance.now() };
}

export function answer(response: ServerResponse, { status, headers = {}, body }: JsonAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
}

/** Faults that servers have. */
export const faults = {
  status:
    (status: number, headers: Readonly<Record<string, string>> = {}, body: unknown = {}): Fault =>
    (response) =>
      answer(response, { status, headers, body }),
  /** Does what it was asked for, and loses the connection before it says so. */
  cutAfterWork: ((response, work) => {
    work();
    response.socket?.destroy();
  }) satisfies Fault as Fault,
  cutBody: ((response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"users":', () => response.socket?.destroy());
  }) satisfies Fault as Fault,
  /** Begins an answer and says nothing more. */
  silence: ((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('[');
  }) satisfies Fault as Fault,
  text:
    (text: string, headers: Readonly<Record<string, string>> = {}): Fault =>
    (response) =>
      answer(response, { status: 200, headers, body: text }),
  bytes:
    (bytes: Buffer, headers: Readonly<Record<string, string>>): Fault =>
    (response) => {
      response.writeHead(200, headers);
      response.end(bytes);
    },
};
