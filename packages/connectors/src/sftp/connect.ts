import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AppError, stopSignal } from '@penstock/domain';
import type { Client, ConnectConfig } from 'ssh2';
import ssh2 from 'ssh2';
import type { FileAccess } from '../files/file-storage.js';
import { checkLiteralHost, guardedLookup } from '../files/network-guard.js';
import { hostKeyAlgorithms, hostKeyProblem } from './host-key.js';
import { hasBearableRounds } from './key-rounds.js';
import type { SftpSettings } from './settings.js';

const CONNECT_TIMEOUT_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 12_000;
const KEEP_ALIVE_MS = 10_000;
const KEEP_ALIVES_UNANSWERED = 3;

/** Opens a TCP connection to the server. Rejects with what the network says, or with the reason of the signal. */
export async function openSocket(settings: SftpSettings, access: FileAccess, signal: AbortSignal): Promise<Socket> {
  const { host, port } = settings;
  checkLiteralHost(host, access.allowPrivateNetworks);
  const stop = stopSignal([signal], CONNECT_TIMEOUT_MS);
  const socket = connect({ host, port, noDelay: true, lookup: guardedLookup(access.allowPrivateNetworks) });
  try {
    await once(socket, 'connect', { signal: stop.signal });
    return socket;
  } catch (error) {
    socket.on('error', () => undefined).destroy();
    signal.throwIfAborted();
    throw stop.signal.aborted ? Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }) : error;
  } finally {
    stop.release();
  }
}

/** Logs in over a socket, which the client owns from then on. Rejects with what ssh2 or the server says. */
export function logIn(settings: SftpSettings, socket: Socket): Promise<Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    let hostKey: AppError | null = null;
    const fail = (error: unknown) => {
      socket.destroy();
      reject(hostKey ?? error);
    };
    const verify = (key: Buffer): boolean => {
      hostKey = hostKeyProblem(settings, key);
      return hostKey === null;
    };
    client
      .on('ready', () => resolve(client))
      // It stays: a client without it throws what happens later, when nobody waits.
      .on('error', fail)
      .on('close', () => fail(new Error('closed')))
      .on('change password', () => fail(new Error('password has expired')))
      .on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) => {
        // A question whose answer may be seen is not for the password.
        finish(prompts.map(({ echo }) => (echo === true ? '' : (settings.password ?? ''))));
      });
    try {
      client.connect(configuration(settings, socket, verify));
    } catch (error) {
      fail(error);
    }
  });
}

function configuration(settings: SftpSettings, sock: Socket, hostVerifier: (key: Buffer) => boolean): ConnectConfig {
  const { username, password, privateKey, passphrase } = settings;
  const serverHostKey = hostKeyAlgorithms(settings);
  if (privateKey !== undefined && !hasBearableRounds(privateKey)) {
    const message = 'privateKey takes too long to decrypt: encrypt it with fewer rounds (ssh-keygen -p -a 16)';
    throw new AppError('SourceRefused', { message });
  }
  return {
    sock,
    username,
    hostVerifier,
    readyTimeout: HANDSHAKE_TIMEOUT_MS,
    keepaliveInterval: KEEP_ALIVE_MS,
    keepaliveCountMax: KEEP_ALIVES_UNANSWERED,
    ...(serverHostKey === undefined ? {} : { algorithms: { serverHostKey } }),
    ...(password === undefined ? {} : { password, tryKeyboard: true }),
    ...(privateKey === undefined ? {} : { privateKey: privateKey.trim() }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}
