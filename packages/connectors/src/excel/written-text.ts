/** What XML cannot hold, or would change: it is written as `_x000D_`. Tabs and line feeds stay. */
const CONTROL = '[\\u0000-\\u0008\\u000b-\\u001f\\ufffe\\uffff]';
/** What looks like such an escape, or would with the one that follows it, but is none: its `_` is written as one. */
const LOOKS_ESCAPED = `_(?=x[0-9A-Fa-f]{4}(?:_|${CONTROL}))`;
const SPECIAL = new RegExp(`[&<>]|${CONTROL}|${LOOKS_ESCAPED}`);
const SPECIALS = new RegExp(SPECIAL, 'g');
const SPACE = 32;

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const ATTRIBUTE: Readonly<Record<string, string>> = {
  ...NAMED,
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** A text between the tags of an element. */
export function elementText(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIALS, escaped) : text;
}

/** A text within the quotes of an attribute, which has no such escapes: blanks are kept, other controls become `_`. */
export function attributeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[&<>"\u0000-\u001f\ufffe\uffff]/g, (special) => ATTRIBUTE[special] ?? '_');
}

/** The element with the text of a cell: spaces at its ends are lost when nothing is said about them. */
export function textElement(text: string): string {
  const isBare = text.charCodeAt(0) > SPACE && text.charCodeAt(text.length - 1) > SPACE;
  return isBare ? `<t>${elementText(text)}</t>` : `<t xml:space="preserve">${elementText(text)}</t>`;
}

function escaped(special: string): string {
  return NAMED[special] ?? `_x${special.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
}
