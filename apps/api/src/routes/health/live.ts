import { z } from 'zod';
import { defineRoute } from '../../http/route.js';

export const live = defineRoute({
  method: 'get',
  path: '/health/live',
  scope: 'public',
  tag: 'Health',
  summary: 'Whether the process answers',
  response: z.strictObject({ status: z.literal('live') }),
  handler: async () => ({ status: 'live' as const }),
});
