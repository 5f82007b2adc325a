import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sftp } from '../src/sftp/sftp.js';
import { rejection, unhurried } from './read-source.js';
import { OPEN_ACCESS } from './read-storage.js';
import { ed25519Key, type SftpTest, startSftpServer } from './sftp-server.js';
import { closedPort, serve } from './tcp-server.js';
import { until } from './until.js';

const CLOSED_ACCESS = { ...OPEN_ACCESS, allowPrivateNetworks: false };

describe('sftp that refuses', () => {
  let server: SftpTest;
  let address = '';
  beforeEach(async () => {
    server = await startSftpServer();
    address = `127.0.0.1:${server.port}`;
  });
  afterEach(() => server.stop());

  const problem = (settings: Record<string, unknown>, access = OPEN_ACCESS): Promise<unknown> =>
    rejection(sftp.test({ ...server.settings, ...settings }, access, unhurried()));
  const refused = (message: string) => ({ code: 'SourceRefused', message });
  /** It has no directory: that is where the test of settings that are right ends. */
  const CONNECTED = () => refused(`directory "." does not exist at ${address}: check directory`);

  it('logs in with the password, and leaves no connection', async () => {
    expect(await problem({})).toMatchObject(CONNECTED());
    expect(server.logins).toContain('password');
    await until('no connection', () => server.connections() === 0);
  });

  it('answers the questions of a server that asks for the password so, but not those whose answer is shown', async () => {
    server.behaviour.methods = ['keyboard-interactive'];
    expect(await problem({})).toMatchObject(CONNECTED());
    expect(server.logins.at(-1)).toBe('keyboard-interactive');
  });

  it('names username and password when they are refused, and never shows the password', async () => {
    const error = (await problem({ password: 'wrong-password-of-the-test' })) as Error;
    expect(error).toMatchObject(
      refused(`${address} refused the password of user "reader": check username and password`),
    );
    expect(JSON.stringify([error, error.message, error.stack, String(error.cause)])).not.toContain('wrong-password');
    await until('no connection', () => server.connections() === 0);
  });

  it('sends no password to a server with another key, and shows both fingerprints', async () => {
    const other = ed25519Key().public;
    expect(await problem({ hostPublicKey: other })).toMatchObject(
      refused(
        expect.stringMatching(
          /^the host key of \S+ is not hostPublicKey: its fingerprint is SHA256:[\w+/]{43}, that of hostPublicKey is SHA256:[\w+/]{43}; check host and port/,
        ) as unknown as string,
      ),
    );
    expect(server.logins).toEqual([]);
  });

  it('tells the key of a server that is not known yet, with which it then connects', async () => {
    const error = (await problem({ hostPublicKey: undefined })) as Error;
    expect(server.logins).toEqual([]);
    const [, fingerprint, key] =
      /^the host key of \S+ is not known yet: if its fingerprint is (SHA256:\S{43}), set hostPublicKey to "(ssh-ed25519 \S+)"$/.exec(
        error.message,
      ) ?? [];
    expect(fingerprint).toBeDefined();
    expect(await problem({ hostPublicKey: `${key} a comment` })).toMatchObject(CONNECTED());
  });

  it('connects to an unknown server only when told so', async () => {
    expect(await problem({ hostPublicKey: undefined, trustUnknownHost: true })).toMatchObject(CONNECTED());
  });

  it('asks for the key of the type that it knows', async () => {
    const rsa = await startSftpServer('rsa');
    expect(await problem({ ...rsa.settings })).toMatchObject(
      refused(`directory "." does not exist at 127.0.0.1:${rsa.port}: check directory`),
    );
    expect(await problem({ port: rsa.port })).toMatchObject(
      refused(`127.0.0.1:${rsa.port} has no host key of the type of hostPublicKey: check hostPublicKey`),
    );
    await rsa.stop();
  });

  it('says that the server does not offer SFTP', async () => {
    server.behaviour.subsystem = false;
    expect(await problem({})).toMatchObject(refused(`${address} does not offer SFTP to user "reader"`));
  });

  it('names host and port when nothing listens there, or something else does', async () => {
    const port = await closedPort();
    expect(await problem({ port })).toMatchObject({
      code: 'SourceUnavailable',
      message: `nothing listens at 127.0.0.1:${port}: check host and port, and that the server is running`,
    });
    for (const answer of ['HTTP/1.1 400 Bad Request\r\n\r\n', '']) {
      const web = await serve((socket) => void socket.end(answer));
      expect(await problem({ port: web.port })).toMatchObject({
        code: 'SourceUnavailable',
        message: `127.0.0.1:${web.port} is not an SSH server, or closed the connection: check host and port`,
      });
      await web.stop();
    }
    expect(await problem({ host: 'no-such-host.invalid' })).toMatchObject({
      code: 'SourceUnavailable',
      message: 'host "no-such-host.invalid" is unknown: check host',
    });
  });

  it('connects to private addresses only where that is allowed', async () => {
    for (const host of ['127.0.0.1', 'localhost', '0x7f.1', '::1']) {
      expect(await problem({ host }, CLOSED_ACCESS)).toMatchObject(
        refused(expect.stringContaining(`host "${host}" is at a private address`) as unknown as string),
      );
    }
    expect(server.logins).toEqual([]);
  });

  it('ends an attempt within a second when it is aborted, and leaves no connection', async () => {
    let [greetings, connections] = [0, 0];
    const silent = await serve((socket) => {
      connections += 1;
      socket.once('data', () => {
        greetings += 1;
      });
      socket.on('close', () => {
        connections -= 1;
      });
    });
    const controller = new AbortController();
    const attempt = rejection(sftp.test({ ...server.settings, port: silent.port }, OPEN_ACCESS, controller.signal));
    await until('a greeting', () => greetings === 1);
    const reason = new Error('stop');
    const started = performance.now();
    controller.abort(reason);
    expect(await attempt).toBe(reason);
    expect(performance.now() - started).toBeLessThan(1_000);
    await until('no connection', () => connections === 0, 1_000);
    await silent.stop();
  });

  it('says that a private key cannot be read, or takes too long', async () => {
    const without = { password: undefined };
    const { private: encrypted } = ed25519Key({
      cipher: 'aes256-cbc',
      passphrase: 'right',
      rounds: 4,
    });
    const unreadable = refused('privateKey cannot be read: check privateKey and passphrase');
    expect(await problem({ ...without, privateKey: encrypted })).toMatchObject(unreadable);
    expect(await problem({ ...without, privateKey: encrypted, passphrase: 'wrong' })).toMatchObject(unreadable);
    expect(await problem({ ...without, privateKey: '-----BEGIN NOTHING-----' })).toMatchObject(unreadable);
    expect(await problem({ ...without, privateKey: encrypted, passphrase: 'right' })).toMatchObject(
      refused(
        `${address} refused the key of user "reader": check username and privateKey, and that the server knows the key`,
      ),
    );
    expect(
      await problem({ ...without, privateKey: withRounds(encrypted, 2 ** 31), passphrase: 'right' }),
    ).toMatchObject(
      refused('privateKey takes too long to decrypt: encrypt it with fewer rounds (ssh-keygen -p -a 16)'),
    );
  });

  it.each([
    [{ password: undefined }, 'password'],
    [{ privateKey: '-----BEGIN X-----' }, 'password'],
    [{ passphrase: 'x' }, 'passphrase'],
    [{ trustUnknownHost: true }, 'trustUnknownHost'],
    [{ hostPublicKey: 'nonsense' }, 'hostPublicKey'],
    [{ hostPublicKey: 'ssh-ed25519 AAAA' }, 'hostPublicKey'],
    [{ host: 'a/b' }, 'host'],
    [{ port: 0 }, 'port'],
  ])('refuses settings %o', async (settings, path) => {
    expect(await problem(settings)).toMatchObject({
      code: 'InvalidSettings',
      details: expect.arrayContaining([{ path, message: expect.any(String) }]),
    });
  });

  it.each(['', '/', 'directory/', 'a/..', 'a\0b', 'x'.repeat(1_025)])('refuses the path %j', (path) => {
    const storage = sftp.open(server.settings, OPEN_ACCESS);
    expect(() => storage.absolutePath(path)).toThrow(expect.objectContaining({ code: 'InvalidPath' }));
  });
});

/** An encrypted key in OpenSSH's form that asks for another number of rounds. */
function withRounds(privateKey: string, rounds: number): string {
  const [begin = '', ...lines] = privateKey.trim().split('\n');
  const end = lines.pop() ?? '';
  const bytes = Buffer.from(lines.join(''), 'base64');
  // After the name of the derivation: the length of its options, that of the salt, the salt, the rounds.
  const options = bytes.indexOf('bcrypt') + 'bcrypt'.length + 4;
  bytes.writeUInt32BE(rounds, options + 4 + bytes.readUInt32BE(options));
  return [begin, bytes.toString('base64'), end].join('\n');
}
