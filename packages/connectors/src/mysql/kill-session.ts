import { stopSignal } from '@penstock/domain';
import { openChannel } from './open-channel.js';
import { COMMAND, type PacketChannel } from './packet-channel.js';
import { SERVER_SESSION, type ServerSession, serverSession } from './server-session.js';
import type { MysqlSettings } from './settings.js';
import { TextQuery } from './text-query.js';

const TIMEOUT_MS = 5_000;

/**
 * Ends a session at the server, over a connection of its own: a server that is busy does not see that its client has gone.
 * Behind an address there may be several servers, whose sessions have the same numbers: nothing is ended at another one. Best
 * effort: it never throws.
 */
export async function killSession(settings: MysqlSettings, session: ServerSession): Promise<void> {
  const { signal, release } = stopSignal([], TIMEOUT_MS);
  let channel: PacketChannel | null = null;
  const destroy = () => channel?.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    channel = await openChannel(settings, signal);
    const { server } = serverSession((await query(channel, SERVER_SESSION))[0]);
    if (server === session.server) await query(channel, `KILL CONNECTION ${BigInt(session.id)}`);
  } catch {
    // The session, or the server, or the way to it, is gone.
  } finally {
    release();
    signal.removeEventListener('abort', destroy);
    destroy();
  }
}

async function query(channel: PacketChannel, text: string) {
  const exchange = new TextQuery();
  await channel.run(COMMAND.query, Buffer.from(text), exchange);
  return exchange.rows;
}
