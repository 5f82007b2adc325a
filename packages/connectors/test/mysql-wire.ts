import { serve, type TestServer } from './tcp-server.js';

export const CAPABILITY = { localFiles: 0x80, tls: 0x800, multiStatements: 0x10000, multiResults: 0x20000 } as const;

/** What servers of version 8 say they can do: protocol, authentication by plugin, and everything that is unwanted. */
export const CAPABILITIES = 0x00200200 | 0x8000 | 0x80000 | 0x8 | CAPABILITY.localFiles;

/** A packet with its header. */
export function packet(sequence: number, body: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(body.length, 0, 3);
  header.writeUInt8(sequence, 3);
  return Buffer.concat([header, body]);
}

export function errorPacket(sequence: number, errno: number, message: string, sqlState = ''): Buffer {
  const head = Buffer.from([0xff, errno & 0xff, errno >> 8]);
  return packet(sequence, Buffer.concat([head, Buffer.from(`${sqlState === '' ? '' : `#${sqlState}`}${message}`)]));
}

/** What a server says first. */
export function greeting(capabilities = CAPABILITIES): Buffer {
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(capabilities >>> 0);
  const rest = Buffer.concat([
    Buffer.from('8.0.40\0'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('saltsalt\0'),
    flags.subarray(0, 2),
    Buffer.from([45, 2, 0]),
    flags.subarray(2),
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.from('saltsaltsalt\0mysql_native_password\0'),
  ]);
  return packet(0, Buffer.concat([Buffer.from([10]), rest]));
}

/** A server that lets nobody in: at once, or when somebody wants to log in. */
export async function startRefusingServer(errno: number, message: string, sqlState = ''): Promise<TestServer> {
  return await serve((socket) => {
    if (sqlState === '') return void socket.end(errorPacket(0, errno, message));
    socket.write(greeting());
    socket.once('data', () => socket.end(errorPacket(2, errno, message, sqlState)));
  });
}
