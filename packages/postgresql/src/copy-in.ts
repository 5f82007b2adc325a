import type { ClientBase, Connection } from 'pg';

/** The server reads a message as a whole before it looks at it; this size stays in the processor's cache. */
const MESSAGE_SIZE = 128 * 1024;
const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

/**
 * Runs one `COPY … FROM STDIN` whose data is in memory; resolves when its rows are committed and the server is ready again.
 * (pg-copy-streams offers a stream, which costs several writes to the socket per message; here all goes out at once.)
 */
export function copyIn(client: ClientBase, text: string, data: readonly Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query({
      submit: (connection: Connection): void => connection.query(text),
      handleCopyInResponse: (connection: Connection): void => sendAll(connection, data),
      handleCommandComplete: (): void => {},
      handleReadyForQuery: (): void => resolve(),
      handleError: (error: Error): void => reject(error),
    });
  });
}

function sendAll({ stream }: Connection, data: readonly Buffer[]): void {
  stream.cork();
  for (const part of data) {
    for (let start = 0; start < part.length; start += MESSAGE_SIZE) {
      const message = part.subarray(start, start + MESSAGE_SIZE);
      stream.write(messageHeader(message.length));
      stream.write(message);
    }
  }
  stream.write(COPY_DONE);
  stream.uncork();
}

function messageHeader(size: number): Buffer {
  const header = Buffer.allocUnsafe(5);
  header[0] = COPY_DATA;
  header.writeInt32BE(size + 4, 1);
  return header;
}
