/** Texts that messages show are cut to these numbers of characters, so that no message is longer than about 500. */
export const MAX_SHOWN = { expression: 60, name: 60, value: 30, type: 60, path: 100, pattern: 100 } as const;

/** The most values that a message lists. */
export const MAX_LISTED = 10;

/** A text as a message shows it: what is longer than `maximum` UTF-16 units is cut there and ends with an ellipsis. */
export function shownText(text: string, maximum: number): string {
  if (text.length <= maximum) return text;
  const end = isHighSurrogate(text.charCodeAt(maximum - 1)) ? maximum - 1 : maximum;
  return `${text.slice(0, end)}…`;
}

/** A pattern as a message shows it: between slashes. */
export function patternText(pattern: string): string {
  return `/${shownText(pattern, MAX_SHOWN.pattern).replaceAll('/', '\\/')}/`;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
