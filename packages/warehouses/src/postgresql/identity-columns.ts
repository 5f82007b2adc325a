/** Penstock's own columns of the identities, before those of the profile schema. */
export const META_COLUMNS = [
  { name: '_pipeline', sql: 'integer' },
  { name: '_connection', sql: 'integer' },
  { name: '_user_id', sql: 'text COLLATE "C"' },
  { name: '_updated_at', sql: 'timestamp(6) without time zone' },
  { name: '_run', sql: 'bigint' },
] as const;
