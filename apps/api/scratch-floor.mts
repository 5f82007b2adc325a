import { connect } from 'node:net';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import express from 'express';
import { TestApi } from './test/support/test-api.js';
const N = 20000, C = 16;
const api = await TestApi.start();
const { workspace, key } = await api.tenant();
const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', 'apps/api/src/main.ts'], { env: { PATH: process.env.PATH, ...api.env, PORT: '0', NODE_ENV: 'production', RATE_LIMIT_PER_MINUTE: '100000000' }, stdio: ['ignore', 'pipe', 'inherit'] });
const port = await new Promise<number>((r) => { let o = ''; child.stdout.on('data', (d) => { o += d; const m = /"port":(\d+)/.exec(o); if (m) r(Number(m[1])); }); });
const bare = spawn(process.execPath, ['-e', `const e=require('express');const a=e();a.use(e.json());a.post('/x/:id',(q,s)=>s.json({id:1}));const l=a.listen(0,'127.0.0.1',()=>console.log('P'+l.address().port));`], { cwd: '/work/main', stdio: ['ignore', 'pipe', 'inherit'] });
const bport = await new Promise<number>((r) => bare.stdout.on('data', (d) => { const m = /P(\d+)/.exec(String(d)); if (m) r(Number(m[1])); }));
function load(port: number, make: (i: number) => string): Promise<number> {
  let next = 0, done = 0; const s = performance.now();
  return new Promise((resolve) => { for (let c = 0; c < C; c++) { const sock = connect(port, '127.0.0.1'); let buf = '';
    const send = () => { if (next >= N) { sock.end(); return; } sock.write(make(++next)); };
    sock.setNoDelay(true); sock.setEncoding('latin1'); sock.on('connect', send); sock.on('data', (d) => { buf += d; for(;;) { const h = buf.indexOf('\r\n\r\n'); if (h < 0) return; const m = /content-length: (\d+)/i.exec(buf.slice(0, h)); const total = h + 4 + Number(m?.[1] ?? 0); if (buf.length < total) return; buf = buf.slice(total); if (++done === N) resolve(Math.round(N / (performance.now() - s) * 1000)); send(); } }); } });
}
const auth = `Host: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n`;
for (let i = 0; i < 2; i++) {
  console.log('bare express post', await load(bport, (i) => `POST /x/${i} HTTP/1.1\r\n${auth}Content-Length: 2\r\n\r\n{}`));
  console.log('live', await load(port, () => `GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n`));
  console.log('404 no auth', await load(port, () => `GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n`));
  console.log('401', await load(port, () => `POST /v1/pipelines/12345/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`));
  console.log('auth+400', await load(port, () => `POST /v1/pipelines/0/runs HTTP/1.1\r\n${auth}Content-Length: 2\r\n\r\n{}`));
  console.log('auth+422/404', await load(port, () => `POST /v1/pipelines/12345/runs HTTP/1.1\r\n${auth}Content-Length: 2\r\n\r\n{}`));
}
child.kill(); bare.kill(); await api.close();
