import path from 'node:path';

/**
 * @typedef {object} Reporter
 * @property {(text: string) => void} line
 * @property {<T>(name: string, action: () => Promise<{ result: T, words: string }>) => Promise<T>} stage does something and
 *   says in one line what came of it and how long it took
 */

/**
 * Tells the person at the terminal what happens.
 * @param {(text: string) => void} [print]
 * @returns {Reporter}
 */
export function createReporter(print = console.log) {
  return {
    line: print,
    async stage(name, action) {
      const started = performance.now();
      const { result, words } = await action();
      const seconds = (performance.now() - started) / 1000;
      print(`  ${name.padEnd(12)} ${words} (${seconds.toFixed(1)} s)`);
      return result;
    },
  };
}

/**
 * A path as a person at this terminal would type it.
 * @param {string} file
 */
export function displayPath(file) {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : `./${relative}`;
}
