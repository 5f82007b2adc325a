import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../paths.mjs';

/** Says what is wrong before anything fails with words that do not. */
export function requireNodeVersion(current = process.versions.node) {
  const manifest = JSON.parse(readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8'));
  const required = String(manifest.engines.node).replace('>=', '');
  if (compare(current, required) < 0) {
    throw new Error(`Node.js ${required} or newer is needed, this is ${current}: see https://nodejs.org/en/download`);
  }
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  const index = [0, 1, 2].find((i) => (left?.[i] ?? 0) !== (right?.[i] ?? 0)) ?? 0;
  return (left?.[index] ?? 0) - (right?.[index] ?? 0);
}
