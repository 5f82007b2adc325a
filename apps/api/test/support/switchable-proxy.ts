import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy that can be cut: refuses, or takes connections and never answers. */
export class SwitchableProxy {
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #mode: 'through' | 'refusing' | 'silent' = 'through';

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async to(url: string): Promise<SwitchableProxy> {
    const proxy = new SwitchableProxy(new URL(url));
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get url(): string {
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Breaks all connections, and new ones at once. */
  refuse(): void {
    this.#mode = 'refusing';
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Lets connections stand and swallows what is sent. */
  silence(): void {
    this.#mode = 'silent';
  }

  restore(): void {
    this.#mode = 'through';
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.refuse();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #accept(socket: Socket): void {
    if (this.#mode === 'refusing') {
      socket.destroy();
      return;
    }
    const upstream = connect(Number(this.#target.port), this.#target.hostname);
    this.#track(socket, upstream);
    this.#track(upstream, socket);
  }

  #track(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk) => {
      if (this.#mode === 'through') to.write(chunk);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
