import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { AppError } from '@penstock/domain';
import { QUEUE_NAMES } from '@penstock/shared/queues';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import type { ApiDependencies } from '../dependencies.js';
import { identify } from '../http/authenticate.js';
import { contextOf } from '../http/request-context.js';

const PATH = '/queues';

/** Bull Board for admins. What it shows are ids of runs: jobs carry nothing else. */
export function mountQueues(app: Express, deps: ApiDependencies): void {
  const readOnlyMode = !deps.settings.queuesWritable;
  const serverAdapter = new ExpressAdapter().setBasePath(PATH);
  createBullBoard({
    queues: QUEUE_NAMES.map((name) => new BullMQAdapter(deps.queues[name], { readOnlyMode })),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Penstock' } },
  });
  // The board is an application of its own and would name its framework again.
  const board = (serverAdapter.getRouter() as Express).disable('x-powered-by');
  app.use(PATH, requireAdmin(deps), refuseWrites(readOnlyMode), board);
}

/** Admin key as bearer, or as the password of HTTP basic authentication so that a browser can ask for it. */
function requireAdmin({ apiKeys }: ApiDependencies): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    contextOf(response).route = PATH;
    // Kept where it is on errors: it makes the browser ask.
    response.setHeader('WWW-Authenticate', 'Basic realm="Penstock queues", charset="UTF-8"');
    await identify(apiKeys, keyOf(request), { scope: 'admin', workspace: undefined });
    response.removeHeader('WWW-Authenticate');
    next();
  };
}

function keyOf({ headers }: Request): string | undefined {
  const [scheme, credentials] = (headers.authorization ?? '').split(/[ \t]+/, 2);
  if (scheme?.toLowerCase() === 'bearer') return credentials;
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const decoded = Buffer.from(credentials ?? '', 'base64').toString('utf8');
  return decoded.slice(decoded.indexOf(':') + 1);
}

/**
 * A browser sends the password by itself, also for another site's page: a change must come from this page. Read-only is
 * enforced here and not left to the board.
 */
function refuseWrites(readOnly: boolean): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const site = request.headers['sec-fetch-site'] ?? 'same-origin';
    if (!reads && readOnly) throw forbidden('queues are read-only: set QUEUES_WRITABLE=true');
    if (!reads && site !== 'same-origin') throw forbidden('request comes from another site');
    next();
  };
}

function forbidden(message: string): AppError {
  return new AppError('Forbidden', { message });
}
