import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { connect as connectTls } from 'node:tls';
import { stopSignal } from '@penstock/domain';
import type { PostgresqlSettings } from './settings.js';
import { tlsOptions } from './tls-options.js';

/** What a server wants to see of who asks it to cancel. */
export interface BackendKey {
  readonly processID: number;
  readonly secretKey: number;
}

const TIMEOUT_MS = 5_000;
const SSL_REQUEST_CODE = 80_877_103;
const CANCEL_REQUEST_CODE = 80_877_102;
const TLS_OFFERED = 'S';

/**
 * Asks a server to cancel what a session is doing, over a connection of its own as the protocol wants it. Best effort: it
 * never throws, and the server never answers.
 */
export async function requestCancel(settings: PostgresqlSettings, key: BackendKey): Promise<void> {
  const { signal, release } = stopSignal([], TIMEOUT_MS);
  const socket = connect(settings.port, settings.host);
  const destroy = () => socket.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    await once(socket, 'connect', { signal });
    const secured = await secure(socket, settings, signal);
    secured.resume().end(message(CANCEL_REQUEST_CODE, key.processID, key.secretKey));
    await finished(secured);
  } catch {
    // The server, or the way to it, is gone, and the session with it.
  } finally {
    release();
    signal.removeEventListener('abort', destroy);
    destroy();
  }
}

/** Speaks TLS where the session does: the key would let a listener cancel. */
async function secure(socket: Socket, settings: PostgresqlSettings, signal: AbortSignal): Promise<Socket> {
  const options = tlsOptions(settings);
  if (options === undefined) return socket;
  socket.write(message(SSL_REQUEST_CODE));
  const [answer] = (await once(socket, 'data', { signal })) as [Buffer];
  if (answer.toString('latin1') !== TLS_OFFERED) throw new Error('the server does not offer TLS');
  const { host } = settings;
  const secured = connectTls({ ...options, socket, host, ...(isIP(host) === 0 ? { servername: host } : {}) });
  await once(secured, 'secureConnect', { signal });
  return secured;
}

function message(...numbers: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 + numbers.length * 4);
  buffer.writeInt32BE(buffer.length, 0);
  for (const [index, number] of numbers.entries()) buffer.writeInt32BE(number, 4 + index * 4);
  return buffer;
}
