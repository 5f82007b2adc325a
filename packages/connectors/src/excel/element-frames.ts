import { isUtf8 } from 'node:buffer';
import { ByteWindow } from './byte-window.js';
import { MAX_ELEMENT_BYTES } from './limits.js';
import { MarkupScanner } from './markup-scanner.js';
import { MalformedXml } from './xml-text.js';

/** An element of which only is known that it was there: it is larger than is read, or no text. */
export const OVERSIZED = Symbol('oversized');
export const NOT_UTF8 = Symbol('not UTF-8');

export type Frame = string | typeof OVERSIZED | typeof NOT_UTF8;

export interface FramedElements {
  readonly root: string;
  /** The element whose children are wanted; it may be the root. */
  readonly list: string;
  readonly item: string;
  /** Called with each tag between that of the root and that of the list, and the prefix of their names. */
  readonly visit?: (tag: string, prefix: string) => void;
}

const LESS = 60;
const SLASH = 47;
const SPACE = 32;
const GREATER = 62;

/**
 * Cuts a stream of XML into the elements of a list, each as its whole text: `<row r="1">...</row>`. Only the ends of the elements
 * are looked for, with searches of the runtime: this is where the time of a large workbook goes.
 */
export class ElementFrames {
  readonly #elements: FramedElements;
  readonly #window = new ByteWindow();
  readonly #markup = new MarkupScanner();
  #state: 'root' | 'before' | 'list' | 'skipping' | 'done' = 'root';
  #start = 0;
  /** Where to go on looking for the end of an element that is not complete. */
  #resume = 0;
  #open = Buffer.alloc(0);
  #close = Buffer.alloc(0);
  /** The prefix of the names of elements, with its colon. */
  prefix = '';

  constructor(elements: FramedElements) {
    this.#elements = elements;
  }

  push(chunk: Uint8Array): void {
    if (this.#state === 'done') return;
    this.#window.push(chunk, this.#start);
    this.#markup.moved(this.#window.bytes, this.#start);
    this.#resume = Math.max(0, this.#resume - this.#start);
    this.#start = 0;
  }

  /** The next element; null when more bytes are needed, or there are no more elements. @throws MalformedXml */
  next(): Frame | null {
    if (this.#state === 'done') return null;
    if (this.#state === 'skipping') return this.#skip();
    while (this.#state === 'root' || this.#state === 'before') if (!this.#advance()) return null;
    return this.#state === 'list' ? this.#nextItem() : null;
  }

  /** Whether the whole list was there. Nothing after it matters. */
  get complete(): boolean {
    return this.#state === 'done';
  }

  /** Moves over one tag before the list. */
  #advance(): boolean {
    const tag = this.#markup.tag(this.#start, this.#state === 'root');
    if (tag === null) return false;
    this.#start = tag.end;
    const text = this.#window.bytes.toString('utf8', tag.start, tag.end);
    if (this.#state === 'root') this.#enterRoot(text);
    else if (text.startsWith('</')) this.#checkBefore(text);
    this.#enterList(text);
    return true;
  }

  #enterRoot(tag: string): void {
    const name = tagName(tag);
    this.prefix = name.slice(0, name.indexOf(':') + 1);
    if (name.slice(this.prefix.length) !== this.#elements.root) throw new MalformedXml('is something else');
    this.#state = 'before';
  }

  #checkBefore(tag: string): void {
    if (tagName(tag) === this.prefix + this.#elements.root) throw new MalformedXml('has no list of its elements');
  }

  #enterList(tag: string): void {
    if (tagName(tag) !== this.prefix + this.#elements.list || tag.startsWith('</')) {
      this.#elements.visit?.(tag, this.prefix);
      return;
    }
    this.#open = Buffer.from(`<${this.prefix}${this.#elements.item}`);
    this.#close = Buffer.from(`</${this.prefix}${this.#elements.item}`);
    this.#state = tag.endsWith('/>') ? 'done' : 'list';
  }

  #nextItem(): Frame | null {
    const start = this.#findItem();
    if (start === -1) return null;
    const tagEnd = this.#markup.tagEnd(start);
    if (tagEnd === -1) return this.#markup.wait(start);
    if (this.#window.bytes[tagEnd - 2] === SLASH) return this.#take(start, tagEnd);
    const end = this.#findEnd(Math.max(tagEnd, this.#resume));
    return end === -1 ? this.#wait(start) : this.#take(start, end);
  }

  #wait(start: number): Frame | null {
    if (this.#window.bytes.length - start <= MAX_ELEMENT_BYTES) return null;
    this.#state = 'skipping';
    return this.#skip();
  }

  /** Where the next element begins; -1 when more bytes are needed, or the list has ended. */
  #findItem(): number {
    const { bytes } = this.#window;
    for (;;) {
      const start = bytes.indexOf(LESS, this.#start);
      this.#start = start === -1 ? bytes.length : start;
      if (start === -1 || start + this.#open.length >= bytes.length) return -1;
      if (matches(bytes, start, this.#open) && isNameEnd(bytes[start + this.#open.length])) return start;
      const tag = this.#markup.tag(start, false);
      if (tag === null) return -1;
      // Comments have been moved over, and the tag after them may be an element.
      this.#start = tag.start;
      if (tag.start === start) return this.#endList(bytes.toString('utf8', tag.start, tag.end));
    }
  }

  #endList(tag: string): -1 {
    if (!tag.startsWith('</') || tagName(tag) !== this.prefix + this.#elements.list) {
      throw new MalformedXml('has elements that do not belong there');
    }
    this.#state = 'done';
    return -1;
  }

  #findEnd(from: number): number {
    const { bytes } = this.#window;
    const found = this.#markup.find(this.#close, from);
    const end = found.at === -1 ? -1 : bytes.indexOf(GREATER, found.at);
    if (end === -1) this.#resume = found.at === -1 ? found.resume : found.at;
    return end === -1 ? -1 : end + 1;
  }

  #take(start: number, end: number): Frame {
    const { bytes } = this.#window;
    this.#start = end;
    this.#resume = end;
    const text = bytes.toString('utf8', start, end);
    // What is no UTF-8 was replaced by that character, which may also stand there.
    return text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end)) ? NOT_UTF8 : text;
  }

  #skip(): Frame | null {
    const { bytes } = this.#window;
    const close = bytes.indexOf(this.#close, this.#start);
    const end = close === -1 ? -1 : bytes.indexOf(GREATER, close);
    if (end === -1) {
      this.#start = close === -1 ? Math.max(this.#start, bytes.length - this.#close.length) : close;
      return null;
    }
    this.#start = end + 1;
    this.#resume = end + 1;
    this.#state = 'list';
    return OVERSIZED;
  }
}

function tagName(tag: string): string {
  return /^<\/?([^\s/>]*)/.exec(tag)?.[1] ?? '';
}

function matches(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let index = 0; index < wanted.length; index += 1) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

function isNameEnd(code: number | undefined): boolean {
  return code !== undefined && (code <= SPACE || code === GREATER || code === SLASH);
}
