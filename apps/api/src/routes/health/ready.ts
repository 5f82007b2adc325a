import { AppError } from '@penstock/domain';
import { z } from 'zod';
import { defineRoute } from '../../http/route.js';
import { readiness } from '../../observability/readiness.js';

const check = z.strictObject({ ok: z.boolean(), message: z.string().nullable() });

export const ready = defineRoute({
  method: 'get',
  path: '/health/ready',
  scope: 'public',
  tag: 'Health',
  summary: 'Whether requests can be answered, and what is missing',
  description:
    'PostgreSQL is needed to answer anything: without it 503. Without Redis or workers the status is "degraded": runs are accepted and wait.',
  response: z.strictObject({
    status: z.enum(['ready', 'degraded']),
    checks: z.strictObject({ postgresql: check, redis: check, consumers: check }),
  }),
  handler: async ({ deps }) => {
    const { status, checks } = await readiness(deps);
    if (status !== 'unavailable') return { status, checks };
    throw new AppError('ServiceUnavailable', {
      message: `not ready: ${checks.postgresql.message}`,
      details: { checks },
    });
  },
});
