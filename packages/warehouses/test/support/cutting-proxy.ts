import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Where the first connection through the proxy is cut: at its n-th request, before the server gets it or after it answered. */
export interface Cut {
  readonly request: number;
  readonly side: 'before' | 'after';
}

export interface CuttingProxy {
  readonly port: number;
  readonly hasCut: () => boolean;
  close(): Promise<void>;
}

/** Requests end with a simple query, a Sync, or the end of a COPY. */
const REQUEST_ENDS = new Set(['Q', 'S', 'c']);

/** A proxy in front of PostgreSQL that knows just enough of the protocol to break a session between any two of its steps. */
export async function createCuttingProxy(upstreamPort: number, cut: Cut): Promise<CuttingProxy> {
  let connections = 0;
  let hasCut = false;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => [client, upstream].forEach((end) => void end.destroy()));
    }
    connections++;
    if (connections > 1) {
      client.pipe(upstream);
      upstream.pipe(client);
      return;
    }
    let isLastRequest = false;
    const breakOff = (): void => {
      hasCut = true;
      client.destroy();
    };
    const requests = new RequestCounter();
    client.on('data', (data) => {
      isLastRequest = requests.count(data) >= cut.request;
      if (isLastRequest && cut.side === 'before') breakOff();
      else upstream.write(data);
    });
    upstream.on('data', (data) => {
      // A COPY answers in its middle, that it is ready for data.
      if (isLastRequest && data.includes('Z\0\0\0\x05')) breakOff();
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hasCut: () => hasCut,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Counts the requests in what a client sends. */
class RequestCounter {
  #buffered = Buffer.alloc(0);
  #hasStarted = false;
  #requests = 0;

  count(data: Buffer): number {
    this.#buffered = Buffer.concat([this.#buffered, data]);
    for (;;) {
      // The first message has no type.
      const typeSize = this.#hasStarted ? 1 : 0;
      if (this.#buffered.length < typeSize + 4) return this.#requests;
      const size = typeSize + this.#buffered.readInt32BE(typeSize);
      if (this.#buffered.length < size) return this.#requests;
      if (this.#hasStarted && REQUEST_ENDS.has(this.#buffered.toString('latin1', 0, 1))) this.#requests++;
      this.#hasStarted = true;
      this.#buffered = this.#buffered.subarray(size);
    }
  }
}
