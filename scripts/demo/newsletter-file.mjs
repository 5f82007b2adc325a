import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { NEWSLETTER_FILE } from './definitions.mjs';

const FIRST =
  'Ada Alan Anita Barbara Donald Edsger Frances Grace Hedy Ivan Jean Joan John Karen Ken Leslie Margaret Niklaus Radia Tony'.split(
    ' ',
  );
const LAST =
  'Allen Borg Clarke Dijkstra Estrin Goldberg Hamilton Hoare Hopper Jones Keller Knuth Lamport Lovelace Perlman Ritchie Sutherland Thompson Turing Wirth Yao'.split(
    ' ',
  );
const SUBSCRIBERS = 6_000;
const DAY_MS = 86_400_000;

/**
 * Writes the file of the newsletter's subscribers unless it is there: 5,000 users of the shop, some of whom write their address in capital
 * letters, and 1,000 whom the shop does not know.
 * @param {string} root the directory of the demo's files
 */
export async function ensureNewsletterFile(root) {
  const file = path.join(root, NEWSLETTER_FILE);
  if (await exists(file)) return;
  await mkdir(path.dirname(file), { recursive: true });
  const rows = Array.from({ length: SUBSCRIBERS }, (_, index) => subscriber(index + 1));
  // In one step: half a file would be taken for the whole one.
  await writeFile(`${file}.draft`, ['email,subscribed_on', ...rows, ''].join('\n'));
  await rename(`${file}.draft`, file);
}

/** @param {string} file */
async function exists(file) {
  return access(file).then(
    () => true,
    (error) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

/** @param {number} number */
function subscriber(number) {
  const since = new Date(Date.UTC(2024, 0, 1) + (number % 600) * DAY_MS).toISOString().slice(0, 10);
  const email = number > 5_000 ? `reader${number}@example.com` : shopAddress(number * 5 - 1);
  return `${number % 7 === 0 ? email.toUpperCase() : email},${since}`;
}

/**
 * The address that the shop has of a user; see the source database.
 * @param {number} user
 */
function shopAddress(user) {
  return `${FIRST[(user * 7) % 20]}.${LAST[(user * 11) % 21]}${user}@example.com`.toLowerCase();
}
