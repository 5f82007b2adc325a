/** Whether a UTF-16 unit is white space to Unicode: unlike to JavaScript, U+0085 is and U+FEFF is not. */
export function isWhiteSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  if (unit >= 0x2000 && unit <= 0x200a) return true;
  return unit === 0x1680 || unit === 0x2028 || unit === 0x2029 || unit === 0x202f || unit === 0x205f || unit === 0x3000;
}

/** Cuts the white space at the ends of a text. */
export function trim(text: string): string {
  const start = startOf(text);
  const end = endOf(text, start);
  return end - start === text.length ? text : text.slice(start, end);
}

/** Cuts the white space at the start of a text. */
export function trimStart(text: string): string {
  const start = startOf(text);
  return start === 0 ? text : text.slice(start);
}

/** Cuts the white space at the end of a text. */
export function trimEnd(text: string): string {
  const end = endOf(text, 0);
  return end === text.length ? text : text.slice(0, end);
}

function startOf(text: string): number {
  let start = 0;
  while (start < text.length && isWhiteSpace(text.charCodeAt(start))) start++;
  return start;
}

function endOf(text: string, start: number): number {
  let end = text.length;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
  return end;
}
