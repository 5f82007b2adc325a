/** What the server says when it refuses something. */
export class ServerError extends Error {
  readonly errno: number;
  readonly sqlState: string;

  constructor(errno: number, sqlState: string, message: string) {
    super(message);
    this.errno = errno;
    this.sqlState = sqlState;
  }
}

/** The server said something that the protocol does not allow here. */
export class ProtocolError extends Error {}

const MARK = '#';

/** Reads an error packet, which begins with 0xff. The SQLSTATE is missing in those that refuse a connection. */
export function readServerError(bytes: Buffer, start: number, end: number): ServerError {
  if (end - start < 3) return new ServerError(0, '', 'the server refused without a reason');
  const errno = bytes.readUInt16LE(start + 1);
  const text = bytes.toString('utf8', start + 3, end);
  return text.startsWith(MARK)
    ? new ServerError(errno, text.slice(1, 6), text.slice(6))
    : new ServerError(errno, '', text);
}

/** Errors with which the server ends the session: shutdown, killed, timeouts, broken connections. */
const ENDS_SESSION: ReadonlySet<number> = new Set([
  1053, 1152, 1153, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1184, 1927, 3032, 3169, 4031,
]);

/**
 * Errors that may be gone when the read is tried again, as too many connections, deadlocks, timeouts, a full disk. None of
 * them quotes data.
 */
const UNAVAILABLE: ReadonlySet<number> = new Set([
  ...ENDS_SESSION,
  ...[1021, 1037, 1038, 1040, 1041, 1129, 1135, 1189, 1203, 1205, 1206, 1213, 1226, 1317, 1412, 1461, 1615],
  ...[1969, 3024, 3168, 3572],
]);

/** Whether trying again may help. */
export function isUnavailable(errno: number): boolean {
  return UNAVAILABLE.has(errno);
}

/** Whether the server ends the session with this error. */
export function endsSession(error: unknown): boolean {
  return error instanceof ServerError && ENDS_SESSION.has(error.errno);
}
