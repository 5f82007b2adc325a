import pg from 'pg';
import { ensureDatabase } from '../migrations/ensure-database.mjs';
import { ensureDemoRole, giveToDemoRole } from './demo-role.mjs';

/**
 * 25,000 users, the same ones every time, as an application that grew over the years would have them: texts where dates
 * and numbers should be, and among them 44 that no careful import can take.
 */
const USERS = `
  CREATE TABLE users (
    id integer,
    first_name text NOT NULL,
    last_name text NOT NULL,
    email text NOT NULL,
    country text,
    plan text NOT NULL,
    signup_date text NOT NULL,
    lifetime_value text NOT NULL,
    updated_at timestamptz NOT NULL
  );
  WITH names AS (
    SELECT
      string_to_array('Ada Alan Anita Barbara Donald Edsger Frances Grace Hedy Ivan Jean Joan John Karen Ken Leslie Margaret Niklaus Radia Tony', ' ') AS first,
      string_to_array('Allen Borg Clarke Dijkstra Estrin Goldberg Hamilton Hoare Hopper Jones Keller Knuth Lamport Lovelace Perlman Ritchie Sutherland Thompson Turing Wirth Yao', ' ') AS last,
      string_to_array('AT BR CH DE ES FR GB IT JP KE NL PL SE US ZA', ' ') AS countries,
      string_to_array('free free free free basic basic pro pro team enterprise', ' ') AS plans
  ), numbered AS (
    SELECT i, first[1 + i * 7 % 20] AS first_name, last[1 + i * 11 % 21] AS last_name,
      countries[1 + i * 13 % 15] AS country, plans[1 + i * 3 % 10] AS plan
    FROM names, generate_series(1, 25000) AS i
  )
  INSERT INTO users
  SELECT i, first_name, last_name, lower(first_name || '.' || last_name || i || '@example.com'), country, plan,
    to_char(date '2019-01-01' + i * 37 % 1900, 'YYYY-MM-DD'),
    to_char(i::bigint * 7919 % 500000 / 100.0, 'FM999990.00'),
    timestamptz '2023-01-01 00:00:00+00' + i * 31 % 800000 * interval '1 minute'
  FROM numbered;
  -- Without an id there is nothing to know them by.
  UPDATE users SET id = NULL WHERE id % 2500 = 11;
  -- Somebody's clock, or somebody's joke.
  UPDATE users SET updated_at = '2099-12-31 23:59:59+00' WHERE id % 5000 = 1511;
  -- Neither numbers nor dates, or more than the column of the warehouse can hold.
  UPDATE users SET lifetime_value = 'n/a' WHERE id % 2500 = 311;
  UPDATE users SET lifetime_value = '98765432109.50' WHERE id % 5000 = 611;
  UPDATE users SET signup_date = '2026-13-45' WHERE id % 5000 = 911;
  UPDATE users SET signup_date = 'unknown' WHERE id % 12500 = 1211;
  UPDATE users SET email = repeat('a', 250) || '@example.com' WHERE id % 12500 = 1811;
  UPDATE users SET country = 'Atlantis' WHERE id % 5000 = 2111;
  CREATE INDEX ON users (updated_at);
`;

/**
 * The database that the demo imports from; made once, then left as the user may have changed it.
 * @param {string} serverUrl a database of the server
 * @param {string} [name]
 * @returns {Promise<{ url: string, created: boolean }>}
 */
export async function ensureSourceDatabase(serverUrl, name = 'penstock_demo_source') {
  const serverOwn = databaseUrl(serverUrl, name);
  await ensureDatabase(serverOwn);
  const url = (await ensureDemoRole(serverUrl))(serverOwn);
  await giveToDemoRole(serverOwn, url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(`SELECT to_regclass('users') IS NULL AS missing`);
    const created = Boolean(rows[0].missing);
    // Several commands in one query are one transaction.
    if (created) await client.query(USERS);
    return { url, created };
  } finally {
    await client.end();
  }
}

/**
 * @param {string} serverUrl
 * @param {string} name
 */
export function databaseUrl(serverUrl, name) {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
