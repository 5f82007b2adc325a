import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Made by tools, or not ours. */
const FOREIGN = new Set([
  'node_modules',
  'dist',
  'generated',
  'coverage',
  'results',
  '.git',
  '.turbo',
  '.cache',
  '.data',
]);

/** Every file of the checkout, relative to its root, with `/`. */
export function repositoryFiles(directory = ''): string[] {
  return readdirSync(path.join(ROOT, directory), { withFileTypes: true })
    .filter(({ name }) => !FOREIGN.has(name))
    .flatMap((entry) => {
      const file = directory === '' ? entry.name : `${directory}/${entry.name}`;
      return entry.isDirectory() ? repositoryFiles(file) : [file];
    });
}

/** Every directory that holds a file, at whatever depth. */
export function directoriesOf(files: readonly string[]): string[] {
  const all = files.flatMap((file) => {
    const parts = file.split('/').slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  return [...new Set(all)];
}

export function readText(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

export function exists(file: string): boolean {
  return existsSync(path.join(ROOT, file));
}

/** What runs in production: the sources of packages and applications. */
export function productSources(files: readonly string[] = repositoryFiles()): string[] {
  return files.filter((file) => /^(apps|packages)\/[\w-]+\/(src|lua)\/.*\.(ts|lua)$/.test(file));
}
