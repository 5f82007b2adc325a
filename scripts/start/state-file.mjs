import { readJson, writePrivateJson } from '../files/private-json.mjs';

/**
 * A JSON file that this process alone writes, kept in memory as well.
 * @template {object} T
 * @param {string} file
 * @param {T} initial
 */
export async function openStateFile(file, initial) {
  /** @type {T} */
  let state = { ...initial, ...(await readJson(file)) };
  let writing = Promise.resolve();
  return {
    get current() {
      return state;
    },
    /**
     * Returns when it is on the disk. Changes are written one after the other.
     * @param {Partial<T>} change
     */
    update(change) {
      state = { ...state, ...change };
      const text = state;
      writing = writing.then(() => writePrivateJson(file, text));
      return writing;
    },
  };
}
