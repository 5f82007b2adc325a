import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A server of a test, at a free port of this machine. */
export interface TestServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Serves every connection with the given function. */
export async function serve(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Passes everything on to another server, until it is told to cut. */
export interface CuttableProxy extends TestServer {
  /** Closes all connections without a word, as a network does. */
  cut(): void;
  /** How often a client had sent something and the server then answered. */
  answers(): number;
}

export async function startProxy(target: { readonly host: string; readonly port: number }): Promise<CuttableProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let answers = 0;
  const server = await serve((socket) => {
    const upstream = connect(target.port, target.host).on('error', () => socket.destroy());
    const pair = [socket, upstream] as const;
    pairs.add(pair);
    let asked = false;
    socket.on('data', () => {
      asked = true;
    });
    upstream.on('data', () => {
      if (asked) answers += 1;
      asked = false;
    });
    socket.pipe(upstream).pipe(socket);
    socket.on('close', () => {
      upstream.destroy();
      pairs.delete(pair);
    });
  });
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  return {
    port: server.port,
    cut,
    answers: () => answers,
    stop: async () => {
      cut();
      await server.stop();
    },
  };
}

/** A port of this machine at which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await serve(() => undefined);
  await server.stop();
  return server.port;
}
