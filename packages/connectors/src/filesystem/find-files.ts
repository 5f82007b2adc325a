import type { Dirent } from 'node:fs';
import { lstat, opendir, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { StoredFile } from '../files/file-storage.js';
import { MAX_MATCHED_FILES } from '../files/limits.js';
import { compilePattern, type PathPattern, unclosedHint } from '../files/path-pattern.js';
import { SearchTurns } from '../files/search-turns.js';
import { describeFile, isBelow, leadsOut } from './contained-file.js';
import { fileSystemError, isMissing, refused } from './file-system-error.js';

/** Names that are looked at for one pattern. */
const MAX_ENTRIES = 100_000;

/**
 * The files below the root that match a pattern, in the order of their paths. Links to files count when the files are below
 * the root; links to directories are not followed by wildcards, so that nothing is found twice or without end.
 * @param root resolved, without links
 * @throws AppError SourceRefused when there is none, or too many
 */
export async function findFiles(root: string, pattern: string, signal: AbortSignal): Promise<readonly StoredFile[]> {
  const search = new Search(root, pattern, signal);
  await search.run();
  if (search.found.length === 0) throw refused(`no file matches "${pattern}"${unclosedHint(pattern)}`);
  return search.found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

class Search {
  readonly found: StoredFile[] = [];
  readonly #root: string;
  readonly #text: string;
  readonly #pattern: PathPattern;
  readonly #signal: AbortSignal;
  readonly #turns: SearchTurns;
  readonly #directories: string[];
  #entries = 0;

  constructor(root: string, pattern: string, signal: AbortSignal) {
    this.#root = root;
    this.#text = pattern;
    this.#pattern = compilePattern(pattern);
    this.#signal = signal;
    this.#turns = new SearchTurns(this.#pattern, signal);
    this.#directories = [this.#pattern.base];
  }

  async run(): Promise<void> {
    for (let next = this.#directories.pop(); next !== undefined; next = this.#directories.pop()) {
      await this.#lookInto(next).catch((error: unknown) => this.#ignoreMissing(error, next));
    }
  }

  async #lookInto(directory: string): Promise<void> {
    const target = await realpath(path.join(this.#root, directory));
    if (!isBelow(this.#root, target)) throw leadsOut(directory);
    for await (const entry of await opendir(target)) {
      this.#signal.throwIfAborted();
      if (this.#turns.due) await this.#turns.take();
      this.#count();
      await this.#lookAt(entry, target, directory === '' ? entry.name : `${directory}/${entry.name}`);
    }
  }

  async #lookAt(entry: Dirent, directory: string, relative: string): Promise<void> {
    if (entry.isDirectory()) {
      if (this.#pattern.mayContain(relative)) this.#directories.push(relative);
    } else if ((entry.isFile() || entry.isSymbolicLink()) && this.#pattern.matches(relative)) {
      await this.#add(entry, directory, relative).catch((error: unknown) => this.#ignoreMissing(error, relative));
    }
  }

  async #add(entry: Dirent, directory: string, relative: string): Promise<void> {
    const location = path.join(directory, entry.name);
    const target = entry.isSymbolicLink() ? await realpath(location) : location;
    const stats = await lstat(target, { bigint: true });
    if (!stats.isFile() || !isBelow(this.#root, target)) return;
    this.found.push(describeFile(relative, stats));
    if (this.found.length <= MAX_MATCHED_FILES) return;
    throw refused(`more than ${MAX_MATCHED_FILES} files match "${this.#text}": make the pattern match fewer`);
  }

  #count(): void {
    this.#entries += 1;
    if (this.#entries <= MAX_ENTRIES) return;
    const message = `pattern "${this.#text}" has more than ${MAX_ENTRIES} files to look at: begin it with the name of a directory`;
    throw refused(message);
  }

  /** What somebody removed in the meantime, or a link to nothing, is not there. */
  #ignoreMissing(error: unknown, relative: string): void {
    if (!isMissing(error)) throw fileSystemError(error, relative);
  }
}
