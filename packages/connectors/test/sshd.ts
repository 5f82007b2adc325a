import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type OpenSsh, startOpenSsh } from '../../../scripts/services/openssh.mjs';

/** OpenSSH's server, with settings that log in with its key. */
export interface SshdTest extends OpenSsh {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Writes a file below the directory in which sessions begin. */
  put(name: string, content: string | Uint8Array): Promise<void>;
}

/** Starts it; null, with the reason printed, where it cannot be had, or where nobody can log in to it. */
export async function startSshd(settings: Record<string, string> = {}): Promise<SshdTest | null> {
  const directory = await mkdtemp(path.join(tmpdir(), 'penstock-sshd-'));
  await chmod(directory, 0o755);
  try {
    const server = await startOpenSsh({ directory, settings });
    await server.checkLogin().catch(async (error: unknown) => {
      await server.stop();
      throw error;
    });
    const { port, username, privateKey, hostPublicKey, files } = server;
    return {
      ...server,
      settings: { host: '127.0.0.1', port, username, privateKey, hostPublicKey },
      put: async (name, content) => {
        await mkdir(path.dirname(path.join(files, name)), { recursive: true });
        await writeFile(path.join(files, name), content);
      },
      stop: async () => {
        await server.stop();
        await rm(directory, { recursive: true });
      },
    };
  } catch (error) {
    await rm(directory, { recursive: true });
    console.warn(`tests with OpenSSH are skipped: ${(error as Error).message}`);
    return null;
  }
}
