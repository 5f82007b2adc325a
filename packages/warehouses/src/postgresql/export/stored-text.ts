/**
 * PostgreSQL's texts cannot hold the character NUL; keys and identifiers of other systems can. A backslash stands for itself when it
 * is doubled, and with a zero for NUL. Nearly all texts are stored as they are.
 */
const TO_ESCAPE = /[\\\0]/;

/** A text as it is stored. */
export function storedText(text: string): string {
  return TO_ESCAPE.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('\0', '\\0') : text;
}

/** A text as it was before it was stored. */
export function restoredText(stored: string): string {
  return stored.includes('\\') ? stored.replace(/\\[\\0]/g, (pair) => (pair === '\\0' ? '\0' : '\\')) : stored;
}
