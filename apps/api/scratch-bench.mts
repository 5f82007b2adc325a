import { connect } from 'node:net';
import { createDatabase, createRedis } from '@penstock/shared/platform';
import { createQueues } from '@penstock/shared/queues';
import { TestApi } from './test/support/test-api.js';

const N = Number(process.env.N ?? 8000),
  C = 16;
const api = await TestApi.start();
const { workspace, key } = await api.tenant();
const proto = await api.make.pipeline(workspace);
await api.control.query(
  `INSERT INTO pipelines (id, workspace_id, connection_id, kind, target, name, enabled, has_update_time, schedule_seed)
 SELECT 1000000 + i, workspace_id, connection_id, kind, target, name, true, true, i FROM pipelines, generate_series(1, ${4 * N}) i WHERE id = $1`,
  [proto],
);
await api.control.query(
  `INSERT INTO pipeline_versions (pipeline_id, version, definition) SELECT 1000000 + i, 1, definition FROM pipeline_versions, generate_series(1, ${4 * N}) i WHERE pipeline_id = $1`,
  [proto],
);
await api.control.query('ANALYZE');
async function baseline(from: number) {
  const database = createDatabase({ url: api.control.url + (process.env.GEN ? '?options=-c%20plan_cache_mode%3Dforce_generic_plan' : ''), poolSize: 16, applicationName: 'x' });
  const redis = createRedis(api.redis.url, { role: 'api' });
  await new Promise((r) => redis.once('ready', r));
  const queues = createQueues({ redis, prefix: api.redis.prefix + 'b' });
  let next = 0;
  const s = performance.now();
  await Promise.all(
    Array.from({ length: C }, async () => {
      while (next < N) {
        const i = ++next;
        const { rows } = await database.pool.query({
          name: 'ins',
          text: `INSERT INTO runs (workspace_id, pipeline_id, version, trigger, incremental) VALUES ($1,$2,1,'api',false) RETURNING id::float8 AS id`,
          values: [workspace, from + i],
        });
        await queues.addRuns([{ run: rows[0].id, epoch: 1 }]);
      }
    }),
  );
  const ms = performance.now() - s;
  await queues.close();
  redis.disconnect();
  await database.close();
  return (N / ms) * 1000;
}
function load(port: number, from: number): Promise<number> {
  let next = 0,
    done = 0;
  const s = performance.now();
  let bad = 0;
  return new Promise((resolve) => {
    for (let c = 0; c < C; c++) {
      const sock = connect(port, '127.0.0.1');
      let buf = '';
      const send = () => {
        if (next >= N) {
          sock.end();
          return;
        }
        const i = ++next;
        sock.write(
          `POST /v1/pipelines/${from + i}/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
        );
      };
      sock.setNoDelay(true);
      sock.setEncoding('latin1');
      sock.on('connect', send);
      sock.on('data', (d) => {
        buf += d;
        for (;;) {
          const h = buf.indexOf('\r\n\r\n');
          if (h < 0) return;
          const m = /content-length: (\d+)/i.exec(buf.slice(0, h));
          const total = h + 4 + Number(m?.[1] ?? 0);
          if (buf.length < total) return;
          if (!buf.startsWith('HTTP/1.1 200')) {
            if (!bad++) console.log(buf.slice(0, total));
          }
          buf = buf.slice(total);
          if (++done === N) {
            resolve((N / (performance.now() - s)) * 1000);
          }
          send();
        }
      });
    }
  });
}
const prof = process.env.PROF;

import { spawn } from 'node:child_process';

const args = prof ? ['--cpu-prof', '--cpu-prof-dir=/tmp/api-types/bench'] : [];
const child = spawn(process.execPath, [...args, '--conditions=source', '--import', 'tsx', 'apps/api/src/main.ts'], {
  env: { PATH: process.env.PATH, ...api.env, PORT: '0', NODE_ENV: 'production', RATE_LIMIT_PER_MINUTE: '100000000' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const proc = { child };
const port = await new Promise<number>((r) => {
  let o = '';
  child.stdout.on('data', (d) => {
    o += d;
    const m = /"port":(\d+)/.exec(o);
    if (m) r(Number(m[1]));
  });
});
import { createRunInserter, startRun } from '@penstock/shared/use-cases';
async function direct(from: number) {
  const database = createDatabase({ url: api.control.url + (process.env.GEN ? '?options=-c%20plan_cache_mode%3Dforce_generic_plan' : ''), poolSize: 16, applicationName: 'x' });
  const redis = createRedis(api.redis.url, { role: 'api' }); await new Promise(r => redis.once('ready', r));
  const queues = createQueues({ redis, prefix: api.redis.prefix + 'b' });
  const inserter = createRunInserter(database); let next = 0; const s = performance.now();
  await Promise.all(Array.from({ length: C }, async () => { while (next < N) { const i = ++next; await startRun({ database, queues, runInserter: inserter }, { workspace, pipeline: from + i, incremental: null, trigger: 'api', requestedBy: 1 }); } }));
  const ms = performance.now() - s;
  await queues.close(); redis.disconnect(); await database.close();
  return Math.round(N / ms * 1000);
}
if (process.env.DIRECT) { console.log('direct', await direct(1000000)); console.log('base', Math.round(await baseline(1000000 + 2*N))); console.log('direct', await direct(1000000+N)); child.kill('SIGTERM'); await api.close(); process.exit(0); }
const base1 = await baseline(1000000);
const http1 = await load(port, 1000000 + N);
const base2 = await baseline(1000000 + 2 * N);
const http2 = await load(port, 1000000 + 3 * N);
console.log({
  base1: Math.round(base1),
  http1: Math.round(http1),
  base2: Math.round(base2),
  http2: Math.round(http2),
  ratio: ((http1 + http2) / (base1 + base2)).toFixed(3),
});
proc.child.kill('SIGTERM');
await new Promise((r) => proc.child.once('exit', r));
await api.close();
