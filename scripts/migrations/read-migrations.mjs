import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** @typedef {{ name: string, sql: string, checksum: string, transactional: boolean }} Migration */

/**
 * The migrations of a directory in the order of their names, which begin with a time.
 * @param {string} directory
 * @returns {Promise<Migration[]>}
 */
export async function readMigrations(directory) {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(directory, name, 'migration.sql'), 'utf8');
      return {
        name,
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
        transactional: isTransactional(sql),
      };
    }),
  );
}

/**
 * `CREATE INDEX CONCURRENTLY` and its kin refuse to run in a transaction.
 * @param {string} sql
 */
function isTransactional(sql) {
  return !/\bCONCURRENTLY\b/i.test(sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ''));
}
