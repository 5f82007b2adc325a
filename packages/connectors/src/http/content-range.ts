/** Which part of a file an answer brings. */
export interface ContentRange {
  /** null in an answer that says only how long the file is. */
  readonly start: number | null;
  /** Bytes of the whole file; null when the server does not say. */
  readonly total: number | null;
}

const RANGE = /^bytes +(?:(\d{1,15})-(\d{1,15})|\*)\/(?:(\d{1,15})|\*)$/i;

/** Reads a header Content-Range: `bytes 10-19/20`, `bytes 10-19/*` or `bytes *\/20`. null when it is none. */
export function parseContentRange(header: string | null): ContentRange | null {
  const match = RANGE.exec(header ?? '');
  if (match === null) return null;
  const [, start, end, total] = match;
  if (start !== undefined && Number(start) > Number(end)) return null;
  if (total !== undefined && end !== undefined && Number(end) >= Number(total)) return null;
  return { start: numberOrNull(start), total: numberOrNull(total) };
}

/** Reads a header Content-Length. null when it is none. */
export function parseLength(header: string | null): number | null {
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

function numberOrNull(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
