import { AppError } from '@penstock/domain';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { ApiDependencies } from './dependencies.js';
import { createErrorHandler } from './http/error-handler.js';
import { mountRoutes } from './http/mount-routes.js';
import { beginRequest } from './http/request-context.js';
import { createMetrics } from './observability/metrics.js';
import { mountDocs } from './pages/docs.js';
import { mountQueues } from './pages/queues.js';
import { routes } from './routes/index.js';

/** Builds the application; whoever calls it listens. */
export function createApp(deps: ApiDependencies): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('strict routing').enable('case sensitive routing');
  const metrics = createMetrics(deps);
  app.use(beginRequest, metrics.measure, securityHeaders());
  app.get('/metrics', metrics.expose);
  mountDocs(app, routes);
  mountQueues(app, deps);
  mountRoutes(app, routes, deps);
  app.use(() => {
    throw new AppError('NotFound', { message: 'there is nothing at this path' });
  });
  app.use(createErrorHandler(deps.logger));
  return app;
}

/**
 * Nothing is loaded from elsewhere, not even the fonts that the queue pages ask for; and plain HTTP inside a network is not
 * turned into HTTPS.
 */
function securityHeaders() {
  return helmet({
    contentSecurityPolicy: {
      directives: {
        styleSrc: ["'self'", "'unsafe-inline'"],
        fontSrc: ["'self'", 'data:'],
        upgradeInsecureRequests: null,
      },
    },
  });
}
