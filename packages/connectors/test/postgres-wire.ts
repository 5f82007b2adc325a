import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { serve, type TestServer } from './tcp-server.js';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');

/** Certificate of `localhost`, which is its own authority. */
export const localhostCertificate = fixture('localhost-cert.pem');

/** A PostgreSQL server that answers the startup of every session with an error. */
export async function startRefusingServer(sqlstate: string, message: string): Promise<TestServer> {
  const fields = Buffer.from(`SFATAL\0C${sqlstate}\0M${message}\0\0`);
  const header = Buffer.from([0x45, 0, 0, 0, 0]);
  header.writeInt32BE(fields.length + 4, 1);
  return await serve((socket) => socket.once('data', () => socket.end(Buffer.concat([header, fields]))));
}

/** A PostgreSQL server with TLS before one without. Counts the connections that came by TLS. */
export async function startTlsServer(target: { readonly host: string; readonly port: number }) {
  const secureContext = createSecureContext({ cert: localhostCertificate, key: fixture('localhost-key.pem') });
  let secured = 0;
  const server = await serve((socket) => {
    socket.once('data', (request: Buffer) => {
      if (request.length !== 8) return socket.destroy();
      socket.write('S');
      secured += 1;
      const client = new TLSSocket(socket, { isServer: true, secureContext });
      const upstream = connect(target.port, target.host);
      client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
      client.pipe(upstream).pipe(client);
    });
  });
  return { ...server, secured: () => secured };
}
