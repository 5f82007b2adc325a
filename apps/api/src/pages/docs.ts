import type { Express, Request, Response } from 'express';
import swaggerUi from 'swagger-ui-express';
import { buildOpenApi } from '../http/openapi.js';
import type { Route } from '../http/route.js';

/** `/openapi.json` and a browsable page of it at `/docs`, whose files all come from here. */
export function mountDocs(app: Express, routes: readonly Route[]): void {
  let document: string | undefined;
  app.get('/openapi.json', (_request: Request, response: Response) => {
    document ??= JSON.stringify(buildOpenApi(routes));
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(document);
  });
  // No validatorUrl: the page would send the document's address to a service on the internet.
  const options = {
    swaggerUrl: '/openapi.json',
    swaggerOptions: { validatorUrl: null },
    customSiteTitle: 'Penstock API',
  };
  // The page's files are relative to it.
  app.get('/docs', (_request: Request, response: Response) => response.redirect(301, '/docs/'));
  app.use('/docs', swaggerUi.serveFiles(undefined, options), swaggerUi.setup(undefined, options));
}
