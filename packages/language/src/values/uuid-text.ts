const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Reads the form of 36 characters, in any case, into the canonical one; undefined when it is something else. */
export function parseUuid(text: string): string | undefined {
  if (text.length !== 36) return undefined;
  if (CANONICAL.test(text)) return text;
  const lower = text.toLowerCase();
  return CANONICAL.test(lower) ? lower : undefined;
}

/** Reads a UUID as 36 characters, as 32 hexadecimal digits, in braces, or after `urn:uuid:`. */
export function parseAnyUuid(text: string): string | undefined {
  switch (text.length) {
    case 36:
      return parseUuid(text);
    case 32:
      return parseUuid(text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/s, '$1-$2-$3-$4-$5'));
    case 38:
      return text.startsWith('{') && text.endsWith('}') ? parseUuid(text.slice(1, -1)) : undefined;
    case 45:
      return text.slice(0, 9).toLowerCase() === 'urn:uuid:' ? parseUuid(text.slice(9)) : undefined;
    default:
      return undefined;
  }
}
