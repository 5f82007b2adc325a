/** XML that is not well-formed. Whoever knows the place makes an error for the user of it. */
export class MalformedXml extends Error {}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const COMMENT = ['<!--', '-->'] as const;
const CDATA = ['<![CDATA[', ']]>'] as const;
const REFERENCE = /&([^;&]{0,10});?/g;
const ESCAPE = /_x([0-9A-Fa-f]{4})_/g;
const SPACE = 32;
const SLASH = 47;
const GREATER = 62;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;

/** The text that a piece of XML without elements stands for. @throws MalformedXml */
export function decodeXmlText(xml: string): string {
  const text = xml.includes('\r') ? xml.replace(/\r\n?/g, '\n') : xml;
  return text.includes('&') ? text.replace(REFERENCE, resolveReference) : text;
}

/** Replaces `_x000D_` by the character that it stands for, as workbooks write what XML cannot hold. */
export function decodeEscapes(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(ESCAPE, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))).toWellFormed();
}

/** Leaves out comments and writes CDATA sections as plain text. @throws MalformedXml */
export function plainMarkup(xml: string): string {
  let plain = '';
  let from = 0;
  for (let at = xml.indexOf('<!'); at !== -1; at = xml.indexOf('<!', from)) {
    const [open, close] = xml.startsWith(COMMENT[0], at) ? COMMENT : CDATA;
    const end = xml.startsWith(open, at) ? xml.indexOf(close, at + open.length) : -1;
    if (end === -1) throw new MalformedXml('has markup that does not belong there');
    plain += xml.substring(from, at);
    if (open === CDATA[0]) plain += escapeText(xml.substring(at + open.length, end));
    from = end + close.length;
  }
  return from === 0 ? xml : plain + xml.substring(from);
}

/** The text of a string with runs of different formats, without what says how it is pronounced. @throws MalformedXml */
export function richText(xml: string, prefix: string): string {
  let text = '';
  let at = xml.indexOf('<');
  while (at !== -1) {
    let next = at + 1;
    if (opensElement(xml, at, `${prefix}t`)) {
      const start = tagEnd(xml, at);
      const end = isSelfClosing(xml, start) ? start : xml.indexOf('<', start);
      if (end === -1) throw new MalformedXml('has a text without an end');
      text += xml.substring(start, end);
      next = end;
    } else if (opensElement(xml, at, `${prefix}rPh`)) {
      next = elementEnd(xml, at, `${prefix}rPh`);
    }
    at = xml.indexOf('<', next);
  }
  return decodeEscapes(decodeXmlText(text));
}

/** Whether an element of this name begins at a `<`. */
export function opensElement(xml: string, at: number, name: string): boolean {
  if (!xml.startsWith(name, at + 1)) return false;
  const code = xml.charCodeAt(at + 1 + name.length);
  return code === GREATER || code === SLASH || code <= SPACE;
}

/** The position after the tag that begins at a `<`. @throws MalformedXml */
export function tagEnd(xml: string, at: number): number {
  for (let position = at; position < xml.length; position += 1) {
    const code = xml.charCodeAt(position);
    if (code === GREATER) return position + 1;
    if (code !== DOUBLE_QUOTE && code !== SINGLE_QUOTE) continue;
    position = xml.indexOf(xml.charAt(position), position + 1);
    if (position === -1) break;
  }
  throw new MalformedXml('has a tag without an end');
}

/** Whether the tag that ends before a position is the whole element. */
export function isSelfClosing(xml: string, end: number): boolean {
  return xml.charCodeAt(end - 2) === SLASH;
}

/** The position after the element that begins at a `<`. @throws MalformedXml */
export function elementEnd(xml: string, at: number, name: string): number {
  const end = tagEnd(xml, at);
  if (isSelfClosing(xml, end)) return end;
  const close = xml.indexOf(`</${name}`, end);
  if (close === -1) throw new MalformedXml('has an element without an end');
  return tagEnd(xml, close);
}

function resolveReference(reference: string, name: string): string {
  const named = NAMED[name];
  if (named !== undefined && reference.endsWith(';')) return named;
  const [, hexadecimal, decimal] = /^#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$/.exec(name) ?? [];
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  if (!reference.endsWith(';') || !isCharacter(code)) throw new MalformedXml('has a reference to an unknown entity');
  return String.fromCodePoint(code);
}

function isCharacter(code: number): boolean {
  const LAST = 0x10ffff;
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return code > 0 && code <= LAST && !isSurrogate;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
