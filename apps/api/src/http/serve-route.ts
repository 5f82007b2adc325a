import { AppError, stopSignal } from '@penstock/domain';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { ApiDependencies } from '../dependencies.js';
import { authenticate } from './authenticate.js';
import { answerOnce } from './idempotency.js';
import { type RequestBody, readBody, refuseBody } from './read-body.js';
import { contextOf } from './request-context.js';
import { JsonStream, type Route, type Unparsed } from './route.js';
import { sendJson, sendNothing } from './send-json.js';
import { JSON_TYPE, LINES_TYPE, sendStream } from './send-stream.js';

/** First stage of a route: who asks. The rate limit comes between this stage and {@link serveRoute}. */
export function identifyCaller({ apiKeys }: ApiDependencies, route: Route): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const context = contextOf(response);
    context.route = route.path;
    if (route.scope !== 'public') context.principal = await authenticate(apiKeys, request, route.scope);
    next();
  };
}

/** Last stage: parse, do, answer. */
export function serveRoute(deps: ApiDependencies, route: Route): RequestHandler {
  return async (request: Request, response: Response): Promise<void> => {
    const body = await takeBody(request, route);
    const principal = contextOf(response).principal;
    const unparsed = {
      ...{ deps, principal, params: request.params, query: request.query, body: body.value },
      wantsLines: route.line !== undefined && request.accepts([JSON_TYPE, LINES_TYPE]) === LINES_TYPE,
      signal: () => signalOf(response, deps.settings.deadlineMs),
    };
    const perform = (idempotency: Unparsed['idempotency']): Promise<unknown> => {
      const work = route.prepare({ ...unparsed, idempotency });
      // After parsing: a request that is not valid is told so first, whatever became of its workspace.
      if (principal?.workspace != null && !principal.workspaceExists) throw workspaceNotFound();
      return work();
    };
    const answer = await answerOnce(deps, { request, response, route, body, principal }, perform);
    await send(response, route, answer, deps.settings.validateResponses);
  };
}

async function takeBody(request: Request, route: Route): Promise<RequestBody> {
  if (route.method === 'get' || route.method === 'delete') {
    await refuseBody(request);
    return { text: '', value: undefined };
  }
  const body = await readBody(request);
  if (body.value !== undefined || route.body === undefined) return body;
  if (!route.bodyOptional) throw new AppError('BadRequest', { message: 'request body is required' });
  return { text: body.text, value: {} };
}

async function send(response: Response, route: Route, answer: unknown, validate: boolean): Promise<void> {
  if (route.line !== undefined) response.vary('Accept');
  if (answer instanceof JsonStream) return sendStream(response, answer.chunks, answer.linesOf);
  if (route.response === null) return sendNothing(response);
  // Encoders are trusted in production: checking what is known to be right would cost as much as the rest.
  if (validate) route.response.parse(answer);
  sendJson(response, 200, answer);
}

function signalOf(response: Response, deadlineMs: number): AbortSignal {
  const gone = new AbortController();
  const { signal, release } = stopSignal([gone.signal], deadlineMs);
  response.once('close', () => {
    gone.abort();
    release();
  });
  return signal;
}

function workspaceNotFound(): AppError {
  return new AppError('NotFound', { message: 'workspace does not exist' });
}
