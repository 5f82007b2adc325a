const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * The JSON text of an object in at most `maxBytes`: a larger one keeps its first members, as many whole ones as fit, so that it
 * still is the JSON text of an object. What is beyond the limit is not looked at, however large the record.
 */
export function cutRecord(record: string, maxBytes: number): { readonly record: string; readonly cut: boolean } {
  // A character is a byte at least.
  if (record.length <= maxBytes && Buffer.byteLength(record) <= maxBytes) return { record, cut: false };
  const start = Buffer.from(record.slice(0, maxBytes)).subarray(0, maxBytes - 1);
  return { record: `${start.toString('utf8', 0, endOfMembers(start)) || '{'}}`, cut: true };
}

/** Where the last whole member of the outermost object ends; 0 when there is none. */
function endOfMembers(json: Buffer): number {
  let end = 0;
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) at = endOfString(json, at);
    else if (OPENING.has(byte)) depth += 1;
    else if (CLOSING.has(byte)) depth -= 1;
    else if (byte === COMMA && depth === 1) end = at;
  }
  return end;
}

/** Of the string that begins at `at`, where its closing quote is. */
function endOfString(json: Buffer, at: number): number {
  let end = at + 1;
  while (end < json.length && json[end] !== QUOTE) end += json[end] === BACKSLASH ? 2 : 1;
  return end;
}
