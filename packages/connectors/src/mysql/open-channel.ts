import { connect, Socket } from 'node:net';
import { stopSignal } from '@penstock/domain';
import { type Connection, createConnection } from 'mysql2';
import { connectError, NoAnswerError } from './connect-error.js';
import { PacketChannel } from './packet-channel.js';
import { ProtocolError } from './server-error.js';
import type { MysqlSettings } from './settings.js';
import { tlsOptions } from './tls-options.js';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_DELAY_MS = 10_000;

/**
 * What the protocol would allow and we do not want: files of ours that the server asks for, several results, functions whose
 * names become reserved words, and parts of packets that we do not read.
 */
const FLAGS = [
  '-LOCAL_FILES',
  '-MULTI_RESULTS',
  '-IGNORE_SPACE',
  '-ODBC',
  '-SESSION_TRACK',
  '-CLIENT_QUERY_ATTRIBUTES',
];

/**
 * Logs in. `mysql2` does that, with the ways to authenticate and TLS; from then on the socket is ours, because its rows are
 * objects made one by one, and it holds rows of any size. Throws AppError `SourceUnavailable` or `SourceRefused`, or the
 * reason of the signal.
 */
export async function openChannel(settings: MysqlSettings, signal: AbortSignal): Promise<PacketChannel> {
  signal.throwIfAborted();
  const socket = openSocket(settings);
  const stop = stopSignal([signal], CONNECT_TIMEOUT_MS);
  const destroy = () => socket.destroy();
  stop.signal.addEventListener('abort', destroy, { once: true });
  try {
    const connection = await logIn(socket, settings);
    stop.signal.throwIfAborted();
    return new PacketChannel(takeSocket(connection));
  } catch (error) {
    destroy();
    signal.throwIfAborted();
    throw connectError(stop.signal.aborted ? new NoAnswerError('timed out') : error, settings);
  } finally {
    stop.release();
    stop.signal.removeEventListener('abort', destroy);
  }
}

function openSocket({ host, port }: MysqlSettings): Socket {
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS };
  const socket = connect({ host, port, noDelay: true, ...keepAlive });
  // TLS compares the certificate with this name. Node.js sets it for names only, and takes an address for "localhost".
  Reflect.set(socket, '_host', host);
  return socket;
}

function logIn(socket: Socket, settings: MysqlSettings): Promise<Connection> {
  const ssl = tlsOptions(settings);
  return new Promise((resolve, reject) => {
    const connection = createConnection({
      stream: () => socket,
      host: settings.host,
      port: settings.port,
      user: settings.username,
      password: settings.password,
      database: settings.database,
      charset: 'utf8mb4',
      connectTimeout: 0,
      flags: FLAGS,
      connectAttributes: { program_name: 'penstock' },
      ...(ssl === undefined ? {} : { ssl }),
    });
    // It stays, for what the connection says of itself when its socket ends later.
    connection.on('error', reject);
    connection.connect((error) => (error === null ? resolve(connection) : reject(error)));
  });
}

/** The socket of a connection, or with TLS what is around it. */
function takeSocket(connection: Connection): Socket {
  const stream: unknown = Reflect.get(connection, 'stream');
  if (!(stream instanceof Socket)) throw new ProtocolError('the connection has no socket');
  stream.removeAllListeners('data');
  return stream;
}
