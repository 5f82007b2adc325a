import { MalformedXml } from './xml-text.js';

const LESS = 60;
const GREATER = 62;
const BANG = 33;
const QUESTION = 63;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const SPACE = 32;
/** Enough to tell a comment, a CDATA section and a document type apart. */
const MARKUP_BYTES = 9;
/** Of a tag, a comment or an instruction outside of the elements of a list. */
const MAX_MARKUP_BYTES = 1024 * 1024;
/** Of an XML declaration, at most. */
const DECLARATION_BYTES = 200;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const COMMENT = Buffer.from('<!--');
const CDATA = Buffer.from('<![CDATA[');
const COMMENT_END = Buffer.from('-->');
const CDATA_END = Buffer.from(']]>');
const INSTRUCTION_END = Buffer.from('?>');
const MARKUP = Buffer.from('<!');

/** A document type, which could define entities that expand without end. */
export class DocumentType extends MalformedXml {}

export interface TagPlace {
  readonly start: number;
  /** After the tag. */
  readonly end: number;
}

/** Finds tags in the bytes of XML. Positions are those in the bytes; -1 or null: more bytes are needed. */
export class MarkupScanner {
  #bytes: Buffer = Buffer.alloc(0);
  /** The next `<!` that is known, and up to where there is no other one. */
  #bang = -1;
  #searched = 0;

  /** There are other bytes; what was at `start` is at 0. */
  moved(bytes: Buffer, start: number): void {
    this.#bytes = bytes;
    this.#bang = Math.max(-1, this.#bang - start);
    this.#searched = Math.max(0, this.#searched - start);
  }

  /**
   * The next tag; comments and instructions are moved over, and text, unless it is `outside` of the root.
   * @throws MalformedXml, also when one of them is too large to wait for its end.
   */
  tag(from: number, outside: boolean): TagPlace | null {
    let at = from;
    for (;;) {
      const start = this.#bytes.indexOf(LESS, at);
      if (outside) this.#checkOutside(at, start === -1 ? this.#bytes.length : start);
      if (start === -1 || start + 1 >= this.#bytes.length) return null;
      const kind = this.#bytes[start + 1];
      const isTag = kind !== BANG && kind !== QUESTION;
      if (isTag) at = this.tagEnd(start);
      else at = kind === BANG ? this.#markupEnd(start) : this.#instructionEnd(start);
      if (at === -1) return this.wait(start);
      if (isTag) return { start, end: at };
    }
  }

  /** The position after the tag that begins at a `<`. */
  tagEnd(start: number): number {
    let quote = 0;
    for (let at = start + 1; at < this.#bytes.length; at += 1) {
      const code = this.#bytes[at];
      if (quote !== 0) {
        if (code === quote) quote = 0;
      } else if (code === GREATER) return at + 1;
      else if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) quote = code;
    }
    return -1;
  }

  /** What begins at a `<` needs more bytes. @throws MalformedXml when it is too large to wait for its end. */
  wait(start: number): null {
    if (this.#bytes.length - start > MAX_MARKUP_BYTES) throw new MalformedXml('has markup without an end');
    return null;
  }

  /** Where something is, outside of comments and CDATA sections, or where to go on when there are more bytes. */
  find(wanted: Buffer, from: number): { readonly at: number; readonly resume: number } {
    let begin = from;
    for (;;) {
      const at = this.#bytes.indexOf(wanted, begin);
      const bang = this.#nextBang(begin);
      if (bang === -1 || (at !== -1 && at < bang)) {
        return { at, resume: Math.max(begin, this.#bytes.length - wanted.length) };
      }
      const end = this.#markupEnd(bang);
      if (end === -1) return { at: -1, resume: bang };
      begin = end;
    }
  }

  /** Searched for once in all bytes, not once in each element. */
  #nextBang(from: number): number {
    if (this.#bang >= from) return this.#bang;
    this.#bang = this.#bytes.indexOf(MARKUP, Math.max(from, this.#searched));
    this.#searched = this.#bang === -1 ? Math.max(from, this.#bytes.length - 1) : this.#bang + MARKUP.length;
    return this.#bang;
  }

  #markupEnd(start: number): number {
    if (this.#startsWith(COMMENT, start)) return this.#after(COMMENT_END, start + COMMENT.length);
    if (this.#startsWith(CDATA, start)) return this.#after(CDATA_END, start + CDATA.length);
    if (this.#bytes.length - start < MARKUP_BYTES) return -1;
    throw new DocumentType('declares a document type');
  }

  #instructionEnd(start: number): number {
    const end = this.#after(INSTRUCTION_END, start);
    if (end !== -1) checkEncoding(this.#bytes.toString('latin1', start, Math.min(end, start + DECLARATION_BYTES)));
    return end;
  }

  #after(wanted: Buffer, from: number): number {
    const at = this.#bytes.indexOf(wanted, from);
    return at === -1 ? -1 : at + wanted.length;
  }

  #startsWith(wanted: Buffer, at: number): boolean {
    return this.#bytes.subarray(at, at + wanted.length).equals(wanted);
  }

  #checkOutside(from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const code = this.#bytes[at] ?? 0;
      const isSpace = code <= SPACE && code > 0;
      if (!isSpace && !BYTE_ORDER_MARK.includes(code)) throw new MalformedXml('is not XML in UTF-8');
    }
  }
}

/** Workbooks are UTF-8, or UTF-16, which no program writes. */
function checkEncoding(instruction: string): void {
  const [, encoding] = /^<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']/.exec(instruction) ?? [];
  if (encoding === undefined || /^(utf-?8|us-ascii)$/i.test(encoding)) return;
  throw new MalformedXml('is not XML in UTF-8');
}
