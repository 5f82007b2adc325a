/** Whether the text has more than `maximum` code points. Counts only where the number of UTF-16 units does not decide. */
export function exceedsCodePoints(text: string, maximum: number): boolean {
  if (text.length <= maximum) return false;
  if (text.length > 2 * maximum) return true;
  return codePointLength(text) > maximum;
}

/** Number of code points; a surrogate without its partner counts as one. */
export function codePointLength(text: string): number {
  let count = text.length;
  for (let index = 1; index < text.length; index++) {
    if (isLowSurrogate(text.charCodeAt(index)) && isHighSurrogate(text.charCodeAt(index - 1))) count--;
  }
  return count;
}

/** Whether the text has more than `maximum` bytes in UTF-8. Counts only where the number of UTF-16 units does not decide. */
export function exceedsBytes(text: string, maximum: number): boolean {
  if (text.length * 3 <= maximum) return false;
  if (text.length > maximum) return true;
  return byteLength(text) > maximum;
}

/** Number of bytes in UTF-8; a surrogate without its partner counts three, as the replacement character does. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (isLowSurrogate(unit) && index > 0 && isHighSurrogate(text.charCodeAt(index - 1))) bytes += 0;
    else bytes += 2;
  }
  return bytes;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
