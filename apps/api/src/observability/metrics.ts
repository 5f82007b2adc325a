import type { NextFunction, Request, Response } from 'express';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ApiDependencies } from '../dependencies.js';
import { contextOf } from '../http/request-context.js';
import { liveRunCounts, queueDepths } from './gauges.js';

const BUCKETS_S = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface Metrics {
  /** Middleware that measures every request. */
  measure(request: Request, response: Response, next: NextFunction): void;
  /** Answers a scrape. Labels name routes and queues, never a workspace. */
  expose(request: Request, response: Response): Promise<void>;
}

export function createMetrics(deps: ApiDependencies): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'penstock_http_request_duration_seconds',
    help: 'Duration of HTTP requests until the last byte was handed over.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: BUCKETS_S,
    registers: [registry],
  });
  registerGauges(registry, deps);
  return {
    measure: (request, response, next) => {
      const startedAt = performance.now();
      response.once('close', () => {
        const route = contextOf(response).route ?? 'none';
        durations
          .labels(request.method, route, String(response.statusCode))
          .observe((performance.now() - startedAt) / 1000);
      });
      next();
    },
    expose: async (_request, response) => {
      response.setHeader('Content-Type', registry.contentType);
      response.end(await registry.metrics());
    },
  };
}

function registerGauges(registry: Registry, deps: ApiDependencies): void {
  const depth = new Gauge({
    name: 'penstock_queue_jobs',
    help: 'Jobs in the queues; absent while Redis is away.',
    labelNames: ['queue', 'state'] as const,
    registers: [registry],
    collect: async () => {
      depth.reset();
      for (const { queue, state, jobs } of await queueDepths(deps)) depth.set({ queue, state }, jobs);
    },
  });
  const live = new Gauge({
    name: 'penstock_live_runs',
    help: 'Runs that are queued or running; absent while PostgreSQL is away.',
    labelNames: ['status'] as const,
    registers: [registry],
    collect: async () => {
      live.reset();
      for (const { status, runs } of await liveRunCounts(deps)) live.set({ status }, runs);
    },
  });
}
