import { randomInt } from 'node:crypto';
import net from 'node:net';

// Below the range from which systems take the ports of outgoing connections: a server's port stays free while it is down.
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/**
 * A free port: the preferred one if it is free, else any.
 * @param {number | undefined} [preferred]
 */
export async function choosePort(preferred) {
  if (preferred !== undefined && (await isPortFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`no free port between ${FIRST_PORT} and ${LAST_PORT}`);
}

/**
 * @param {number} port
 * @param {string} [host]
 * @returns {Promise<boolean>}
 */
export function isPortFree(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.on('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
