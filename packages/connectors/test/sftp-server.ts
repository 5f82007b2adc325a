import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import ssh2, { type Attributes, type AuthContext, type SFTPWrapper } from 'ssh2';

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp;
const FILE_MODE = 0o100_644;
const SECOND = 1_900_000_000;

/** A server of SFTP that does as it is told. */
export interface SftpTest {
  readonly port: number;
  /** Logs in with a password. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly files: Map<string, Buffer>;
  /** When files were changed last, in seconds; where nothing is said, at another time. */
  readonly times: Map<string, number>;
  readonly behaviour: SftpBehaviour;
  /** What was tried to log in with, in its order. */
  readonly logins: string[];
  /** Connections that are open. */
  connections(): number;
  /** Handles of files that are open. */
  handles(): number;
  /** Questions about files that it was asked. */
  questions(): number;
  /** Bytes that it was asked for. */
  asked(): number;
  /** Closes all connections without a word. */
  cut(): void;
  stop(): Promise<void>;
}

export interface SftpBehaviour {
  /** Methods with which one can log in. */
  methods: readonly ('password' | 'keyboard-interactive')[];
  subsystem: boolean;
  /** Most bytes of an answer. */
  mostBytes: number;
  /** Closes the connection at this offset of a file. */
  cutAt: number;
  /** Does not answer from this offset of a file on. */
  stallAt: number;
  /** Does not answer questions about files and directories. */
  silent: boolean;
  /** What it says about files; `size` and `mtime` may be missing. */
  attributes: 'all' | 'no times' | 'no size';
  /** The status that all questions are answered with; null: as they should be. */
  status: number | null;
  /** Whether files can be written, as by servers without extensions. */
  writable: boolean;
}

const PASSWORD = 'the-password-of-the-test';

export async function startSftpServer(hostKeyType: 'ed25519' | 'rsa' = 'ed25519'): Promise<SftpTest> {
  const key = hostKeyType === 'rsa' ? ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }) : ed25519Key();
  const files = new Map<string, Buffer>();
  const times = new Map<string, number>();
  const sockets = new Set<Socket>();
  const logins: string[] = [];
  const behaviour: SftpBehaviour = {
    methods: ['password'],
    subsystem: true,
    mostBytes: Number.POSITIVE_INFINITY,
    cutAt: Number.POSITIVE_INFINITY,
    stallAt: Number.POSITIVE_INFINITY,
    silent: false,
    attributes: 'all',
    status: null,
    writable: false,
  };
  const open = new Map<number, string>();
  let [nextHandle, asked, questions] = [0, 0, 0];
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };

  const serve = (sftp: SFTPWrapper) => {
    const status = (id: number, code: number) => sftp.status(id, code);
    // The types do not know that a server may leave out what it likes.
    const attributes = (path: string, file: Buffer) =>
      ({
        mode: FILE_MODE,
        ...(behaviour.attributes === 'no size' ? {} : { size: file.length }),
        ...(behaviour.attributes === 'no times' ? {} : { atime: SECOND, mtime: times.get(path) ?? SECOND }),
      }) as Attributes;
    const stat = (id: number, path: string) => {
      const file = files.get(path);
      questions += 1;
      if (behaviour.silent) return;
      if (behaviour.status !== null) return status(id, behaviour.status);
      return file === undefined ? status(id, STATUS_CODE.NO_SUCH_FILE) : sftp.attrs(id, attributes(path, file));
    };
    const pathOf = (handle: Buffer) => open.get(handle.readUInt32BE(0)) ?? '';
    sftp.on('STAT', stat).on('LSTAT', stat);
    sftp.on('FSTAT', (id, handle) => stat(id, pathOf(handle)));
    sftp.on('OPENDIR', (id) => {
      if (behaviour.writable) return sftp.handle(id, Buffer.alloc(4));
      if (!behaviour.silent) status(id, behaviour.status ?? STATUS_CODE.NO_SUCH_FILE);
    });
    sftp.on('READDIR', (id) => status(id, STATUS_CODE.EOF));
    sftp.on('REMOVE', (id, path) => status(id, files.delete(path) ? STATUS_CODE.OK : STATUS_CODE.NO_SUCH_FILE));
    sftp.on('OPEN', (id, path, flags) => {
      if (behaviour.writable && (flags & OPEN_MODE.WRITE) !== 0) files.set(path, Buffer.alloc(0));
      else if (!files.has(path) || flags !== OPEN_MODE.READ) return status(id, STATUS_CODE.NO_SUCH_FILE);
      const handle = Buffer.alloc(4);
      handle.writeUInt32BE(nextHandle);
      open.set(nextHandle, path);
      nextHandle += 1;
      sftp.handle(id, handle);
    });
    sftp.on('CLOSE', (id, handle) => {
      open.delete(handle.readUInt32BE(0));
      status(id, STATUS_CODE.OK);
    });
    sftp.on('READ', (id, handle, offset, length) => {
      asked += length;
      if (offset >= behaviour.cutAt) return cut();
      if (offset >= behaviour.stallAt) return;
      const file = files.get(pathOf(handle)) ?? Buffer.alloc(0);
      if (offset >= file.length) return status(id, STATUS_CODE.EOF);
      sftp.data(id, file.subarray(offset, offset + Math.min(length, behaviour.mostBytes)));
    });
  };
  const authenticate = (context: AuthContext) => {
    logins.push(context.method);
    const methods = [...behaviour.methods];
    if (context.method === 'password' && methods.includes('password') && context.password === PASSWORD) {
      return context.accept();
    }
    if (context.method === 'keyboard-interactive' && methods.includes('keyboard-interactive')) {
      return context.prompt(
        [
          { prompt: 'Code:', echo: true },
          { prompt: 'Password:', echo: false },
        ],
        (answers) => {
          if (answers[0] === '' && answers[1] === PASSWORD) context.accept();
          else context.reject();
        },
      );
    }
    context.reject(methods);
  };

  const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', authenticate);
    client.on('session', (accept) => {
      const session = accept();
      session.on('sftp', (acceptSftp, rejectSftp) => {
        if (behaviour.subsystem) serve(acceptSftp());
        else rejectSftp();
      });
    });
  });
  // @ts-expect-error: the types do not know that it is a server of net.
  server._srv.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    settings: { host: '127.0.0.1', port, username: 'reader', password: PASSWORD, hostPublicKey: key.public },
    files,
    times,
    behaviour,
    logins,
    connections: () => sockets.size,
    handles: () => open.size,
    questions: () => questions,
    asked: () => asked,
    cut,
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A pair of keys. ssh2 makes one that it cannot read itself where a number begins with a zero. */
export function ed25519Key(encryption?: {
  readonly cipher: string;
  readonly passphrase: string;
  readonly rounds: number;
}) {
  for (;;) {
    const { generateKeyPairSync, parseKey } = ssh2.utils;
    const key = encryption === undefined ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed25519', encryption);
    const read = parseKey(key.private, encryption?.passphrase);
    if (!(read instanceof Error || parseKey(key.public) instanceof Error)) return key;
  }
}
