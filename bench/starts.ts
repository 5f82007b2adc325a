import { randomUUID } from 'node:crypto';
import { generateApiKey, hashApiKey } from '@penstock/domain';
import { createRedis } from '@penstock/shared/platform';
import { eventually } from '@penstock/shared/testing';
import autocannon from 'autocannon';
import { Queue } from 'bullmq';
import pg from 'pg';
import { AppProcess } from './support/processes.js';
import type { Measure } from './support/report.js';
import { median, timed } from './support/statistics.js';
import { createUsers, PLAIN } from './support/users.js';
import { createWorld, type World } from './support/world.js';

const CONCURRENCY = 16;
const PORT = 18_080;

/**
 * `POST /v1/pipelines/:id/runs` per second, each of another pipeline, against the least that such a start can cost: one INSERT
 * and one job added, from one process, at the same concurrency. No worker takes anything.
 */
export async function benchStarts(starts: number, repetitions: number): Promise<Measure[]> {
  const floor: number[] = [];
  const http: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const world = await createWorld();
    try {
      floor.push(await floorRate(world, starts));
      http.push(await startRate(world, starts));
    } finally {
      await world.close();
    }
  }
  const ratio = median(http.map((rate, index) => rate / (floor[index] ?? Number.NaN)));
  return [
    { name: `INSERT + BullMQ add, concurrency ${CONCURRENCY}`, value: median(floor), unit: 'per s', samples: floor },
    {
      name: `POST /v1/pipelines/:id/runs, concurrency ${CONCURRENCY}`,
      value: median(http),
      unit: 'per s',
      samples: http,
    },
    {
      name: 'starts as a share of that floor',
      value: ratio,
      unit: 'x',
      target: '>= 0.4 x',
      met: ratio >= 0.4,
      samples: [],
    },
  ];
}

async function floorRate(world: World, starts: number): Promise<number> {
  const pipelines = await world.createPipelines(starts, { query: 'SELECT * FROM users', transformation: PLAIN });
  const pool = new pg.Pool({ connectionString: world.control.url, max: CONCURRENCY });
  const redis = createRedis(String(world.env.REDIS_URL), { role: 'worker' });
  const queue = new Queue('floor', { connection: redis, prefix: world.deps.redisPrefix });
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < starts) {
      const pipeline = pipelines[next];
      next += 1;
      const { rows } = await pool.query<{ id: string }>({
        name: 'floor',
        text: `INSERT INTO runs (workspace_id, pipeline_id, version, trigger, incremental) VALUES ($1, $2, 1, 'api', false) RETURNING id`,
        values: [world.workspace, pipeline],
      });
      await queue.add('floor', { run: rows[0]?.id }, { jobId: `floor-${rows[0]?.id}`, removeOnComplete: true });
    }
  };
  const seconds = await timed(() => Promise.all(Array.from({ length: CONCURRENCY }, one)));
  await queue.close();
  redis.disconnect();
  await pool.end();
  await world.control.query('DELETE FROM runs');
  return starts / seconds;
}

async function startRate(world: World, starts: number): Promise<number> {
  await createUsers(world.source, 1);
  const pipelines = await world.createPipelines(starts, { query: 'SELECT * FROM users', transformation: PLAIN });
  const key = generateApiKey();
  await world.control.query(`INSERT INTO api_keys (workspace_id, name, hash, hint) VALUES ($1, 'bench', $2, $3)`, [
    world.workspace,
    hashApiKey(key),
    randomUUID().slice(0, 8),
  ]);
  const api = new AppProcess('api', {
    ...world.env,
    PORT: String(PORT),
    RATE_LIMIT_PER_MINUTE: '10000000',
    NODE_ENV: 'production',
  });
  try {
    await eventually(
      'the api is ready',
      async () => (await fetch(`http://127.0.0.1:${PORT}/health/live`).catch(() => undefined))?.ok,
    );
    const seconds = await timed(() => post(pipelines, key));
    const [row] = await world.control.query<{ count: number }>('SELECT count(*)::int AS count FROM runs');
    if (row?.count !== starts) throw new Error(`${row?.count} of ${starts} runs were started`);
    return starts / seconds;
  } finally {
    await api.stop();
  }
}

async function post(pipelines: readonly number[], key: string): Promise<void> {
  let next = 0;
  const result = await autocannon({
    url: `http://127.0.0.1:${PORT}`,
    connections: CONCURRENCY,
    amount: pipelines.length,
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{}',
    requests: [
      {
        setupRequest: (each) => {
          const pipeline = pipelines[next % pipelines.length];
          next += 1;
          return { ...each, path: `/v1/pipelines/${pipeline}/runs` };
        },
      },
    ],
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} requests were refused, ${result.errors} failed`);
}
