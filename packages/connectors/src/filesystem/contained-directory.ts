import { constants, type FileHandle, mkdir, open, readdir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { isBelow } from './contained-file.js';
import { codeOf } from './file-system-error.js';
import { directoryLeadsOut } from './write-error.js';

const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY;

/**
 * A directory below the root that is open. What is done in it is done in the directory that was looked at, whatever becomes of the
 * names that lead there: on Linux, where a handle has a path of its own. Whoever opened it closes it.
 */
export class ContainedDirectory {
  readonly #handle: FileHandle;
  readonly #location: string;

  /**
   * The directory of a file, made where there is none. Links are followed, but not out of the root, and nothing is made outside of it.
   * Throws errors of the system, and AppError DestinationRefused.
   * @param root resolved, without links
   * @param file relative path of the file
   */
  static async openFor(root: string, file: string): Promise<ContainedDirectory> {
    let directory = await ContainedDirectory.#open(root, root, file);
    for (const name of file.split('/').slice(0, -1)) {
      const parent = directory;
      try {
        directory = await ContainedDirectory.#open(await parent.#made(name), root, file);
      } finally {
        await parent.close();
      }
    }
    return directory;
  }

  static async #open(location: string, root: string, file: string): Promise<ContainedDirectory> {
    const handle = await open(location, FLAGS);
    try {
      const own = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : await realpath(location);
      const target = process.platform === 'linux' ? await readlink(own) : own;
      if (!isBelow(root, target)) throw directoryLeadsOut(file);
      return new ContainedDirectory(handle, own);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  private constructor(handle: FileHandle, location: string) {
    this.#handle = handle;
    this.#location = location;
  }

  /** Path of a name in it, for the system. */
  pathOf(name: string): string {
    return path.join(this.#location, name);
  }

  async names(): Promise<readonly string[]> {
    // With a slash: what it is a link to.
    return await readdir(`${this.#location}/`);
  }

  /** Makes sure that the names that were given and taken in it outlive a crash of the machine. */
  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #made(name: string): Promise<string> {
    const location = this.pathOf(name);
    try {
      await mkdir(location);
      await this.sync();
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    return location;
  }
}
