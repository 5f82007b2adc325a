import type { TextRow } from './text-query.js';

/** A session at a server. Numbers of sessions count at each server, and behind one address there may be several. */
export interface ServerSession {
  readonly id: string;
  readonly server: string;
}

export const SERVER_SESSION = "SELECT CONNECTION_ID(), CONCAT_WS(' ', @@hostname, @@port, @@server_id, @@version)";

export function serverSession([id, server]: TextRow = []): ServerSession {
  return { id: id ?? '', server: server ?? '' };
}
