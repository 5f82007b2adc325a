import { AppError } from '@penstock/domain';
import type { Express } from 'express';
import type { ApiDependencies } from '../dependencies.js';
import { createRateLimit } from './rate-limit.js';
import type { Route } from './route.js';
import { identifyCaller, serveRoute } from './serve-route.js';

/** Mounts routes by path; a method that a path does not have is answered 405 with those that it has. */
export function mountRoutes(app: Express, routes: readonly Route[], deps: ApiDependencies): void {
  const limit = createRateLimit(deps);
  for (const [path, endpoints] of byPath(routes)) {
    const mounted = app.route(path);
    for (const route of endpoints) mounted[route.method](identifyCaller(deps, route), limit, serveRoute(deps, route));
    const allowed = allowedMethods(endpoints);
    mounted.all((_request, response) => {
      response.setHeader('Allow', allowed);
      throw new AppError('MethodNotAllowed');
    });
  }
}

/** Paths with a word where others have a parameter come first: `/v1/pipelines/runs` is not the pipeline "runs". */
function byPath(routes: readonly Route[]): [string, Route[]][] {
  const groups = new Map<string, Route[]>();
  for (const route of routes) groups.set(route.path, [...(groups.get(route.path) ?? []), route]);
  const parameters = (path: string): number => path.split(':').length;
  return [...groups].sort(([a], [b]) => parameters(a) - parameters(b));
}

function allowedMethods(endpoints: readonly Route[]): string {
  const methods = endpoints.map(({ method }) => method.toUpperCase());
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ');
}
