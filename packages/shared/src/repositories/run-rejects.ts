import type { Step } from '@penstock/domain';
import type { Database } from '../platform/database.js';
import type { Secrets } from '../platform/secrets.js';

/** What of a reject may hold values of the record; encrypted as one text. */
export interface RejectContent {
  readonly key: string | null;
  readonly message: string;
  /** JSON text of an object; null where there is no record. */
  readonly record: string | null;
  /** Whether only the first members of the record are kept. */
  readonly cut: boolean;
}

/** A reject as it is stored. */
export interface SealedReject {
  /** The order in which the attempt's records failed, from 1. */
  readonly position: number;
  readonly step: Step;
  readonly code: string;
  readonly content: string;
}

export interface RejectRow extends SealedReject {
  readonly at: Date;
}

/**
 * Key and message are encrypted with the record: a key is a value of the record, and the message of an error that a user's
 * function throws may hold any of them.
 */
export function sealReject(secrets: Secrets, { key, message, record, cut }: RejectContent): string {
  return secrets.encrypt(JSON.stringify({ key, message, record, cut }));
}

/** Undefined when the key is gone under which the text was encrypted. */
export function unsealReject(secrets: Secrets, content: string): RejectContent | undefined {
  try {
    return JSON.parse(secrets.decrypt(content));
  } catch {
    return undefined;
  }
}

/**
 * The owner is whoever had the last claim, whether or not the run has ended since: the rest of its rejects may come late. Who
 * reads records has asked the warehouse before and knows that no earlier attempt has published: their rejects go. A position
 * that is there already was written by a statement whose answer was lost.
 */
const KEEP = `
  WITH owned AS (
    SELECT id, epoch FROM runs WHERE id = $1 AND epoch = $2
  ), voided AS (
    DELETE FROM run_rejects USING owned WHERE run_id = owned.id AND run_rejects.epoch < owned.epoch
  ), kept AS (
    INSERT INTO run_rejects (run_id, epoch, position, step, code, content)
    SELECT owned.id, owned.epoch, r.position, r.step, r.code, r.content
    FROM owned, unnest($3::int[], $4::text[], $5::text[], $6::text[]) AS r (position, step, code, content)
    ON CONFLICT DO NOTHING
  )
  SELECT FROM owned`;

/**
 * Keeps rejects of an attempt that has found nothing published, and deletes those of the attempts before it. False, and nothing
 * is written, when a later attempt has the run or the run is gone.
 */
export async function keepRejects(
  { pool }: Database,
  { run, epoch }: { readonly run: number; readonly epoch: number },
  rejects: readonly SealedReject[],
): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'keep-rejects',
    text: KEEP,
    values: [
      run,
      epoch,
      rejects.map(({ position }) => position),
      rejects.map(({ step }) => step),
      rejects.map(({ code }) => code),
      rejects.map(({ content }) => content),
    ],
  });
  return rowCount === 1;
}

/** Of the attempt that the run's counts come from, at one step or at all. */
const SHOWN = `
  FROM run_rejects j JOIN runs r ON r.id = j.run_id AND r.counts_epoch = j.epoch
  WHERE r.id = $1 AND ($2::text IS NULL OR j.step = $2)`;

/** A page of a run's rejects, in the order in which the records failed. `after` is exclusive. */
export async function listRejects(
  { pool }: Database,
  run: number,
  page: { readonly step?: Step | undefined; readonly after: number; readonly limit: number },
): Promise<RejectRow[]> {
  const { rows } = await pool.query<RejectRow>(
    `SELECT j.position, j.step, j.code, j.content, j.created_at AS at ${SHOWN} AND j.position > $3
     ORDER BY j.position LIMIT $4`,
    [run, page.step ?? null, page.after, page.limit],
  );
  return rows;
}

export async function countRejects({ pool }: Database, run: number, step?: Step): Promise<number> {
  const { rows } = await pool.query<{ kept: number }>(`SELECT count(*)::float8 AS kept ${SHOWN}`, [run, step ?? null]);
  return rows[0]?.kept ?? 0;
}

const PAGE = 100;

/** All rejects of a run, read a page at a time and only when the page before was taken; no connection is held meanwhile. */
export async function* readRejects(database: Database, run: number, step?: Step): AsyncGenerator<RejectRow> {
  let after = 0;
  for (;;) {
    const rows = await listRejects(database, run, { step, after, limit: PAGE });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.position;
  }
}

/** A statement deletes so many, and a pass has so many statements: what else the pass has to do does not wait long. */
const FORGET_BATCH = 1_000;
const MAX_FORGET_BATCHES = 20;

/** Deletes the rejects that are older, the oldest first; the rest of very many is left to the next time. */
export async function forgetRejects({ pool }: Database, keptDays: number): Promise<void> {
  for (let batch = 0; batch < MAX_FORGET_BATCHES; batch += 1) {
    const { rowCount } = await pool.query({
      name: 'forget-rejects',
      text: `DELETE FROM run_rejects WHERE ctid = ANY (ARRAY(
          SELECT ctid FROM run_rejects WHERE created_at < now() - $1 * interval '1 day' ORDER BY created_at LIMIT $2))`,
      values: [keptDays, FORGET_BATCH],
    });
    if ((rowCount ?? 0) < FORGET_BATCH) return;
  }
}
