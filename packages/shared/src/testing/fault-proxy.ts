import { type AddressInfo, connect as connectTo, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy in front of a service, for what networks and services do to their clients. */
export class FaultProxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private refusing = false;
  private frozen = false;
  /** The service's URL with the proxy's address in it. */
  readonly url: string;

  private constructor(server: Server, serviceUrl: string) {
    this.server = server;
    const url = new URL(serviceUrl);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    this.url = url.href;
  }

  static async inFrontOf(serviceUrl: string): Promise<FaultProxy> {
    const { hostname, port } = new URL(serviceUrl);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new FaultProxy(server, serviceUrl);
    server.on('connection', (client) => proxy.join(client, connectTo(Number(port), hostname)));
    return proxy;
  }

  /** Connections stay open, but nothing passes: the network swallows it. */
  freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** All connections break, and new ones are refused. */
  goDown(): void {
    this.refusing = true;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Everything passes again. */
  recover(): void {
    this.refusing = false;
    this.frozen = false;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, service: Socket): void {
    if (this.refusing) {
      client.resetAndDestroy();
      service.destroy();
      return;
    }
    for (const [from, to] of [
      [client, service],
      [service, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.frozen) from.pause();
    }
  }
}
