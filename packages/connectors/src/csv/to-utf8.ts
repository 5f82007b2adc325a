import { StringDecoder } from 'node:string_decoder';

/** Stands for bytes that mean nothing in their encoding: it never occurs in UTF-8, so whoever checks its bytes finds it. */
const INVALID = Buffer.of(0xff);
const LONE_SURROGATE = /\p{Surrogate}/u;
const REPLACEMENT = '\uFFFD';
const MARK_BYTES = 3;
const NOTHING = Buffer.alloc(0);

const MARKS = [
  { encoding: 'utf-8', bytes: Buffer.of(0xef, 0xbb, 0xbf) },
  { encoding: 'utf-16le', bytes: Buffer.of(0xff, 0xfe) },
  { encoding: 'utf-16be', bytes: Buffer.of(0xfe, 0xff) },
] as const;

interface Decoder {
  write(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

/**
 * Turns chunks of a file into UTF-8, without the byte order mark. A mark decides over the encoding that is given. Chunks of
 * UTF-8 pass as they are, valid or not; what is not valid in another encoding becomes bytes that are not valid UTF-8.
 */
export class ToUtf8 {
  #encoding: string;
  #decoder: Decoder | null = null;
  #beginning: Uint8Array = NOTHING;

  /** `label` is one that TextDecoder knows. */
  constructor(label: string) {
    this.#encoding = new TextDecoder(label).encoding;
  }

  /** The encoding that the file has: certain after the first record. */
  get encoding(): string {
    return this.#encoding;
  }

  write(chunk: Uint8Array): Uint8Array {
    if (this.#decoder !== null) return this.#decoder.write(chunk);
    this.#beginning = Buffer.concat([this.#beginning, chunk]);
    return this.#beginning.length < MARK_BYTES ? NOTHING : this.#begin();
  }

  end(): Uint8Array {
    const beginning = this.#decoder === null ? this.#begin() : NOTHING;
    return Buffer.concat([beginning, this.#decoder?.end() ?? NOTHING]);
  }

  #begin(): Uint8Array {
    const mark = MARKS.find(({ bytes }) => bytes.equals(this.#beginning.subarray(0, bytes.length)));
    this.#encoding = mark?.encoding ?? this.#encoding;
    this.#decoder = decoderOf(this.#encoding);
    return this.#decoder.write(this.#beginning.subarray(mark?.bytes.length ?? 0));
  }
}

function decoderOf(encoding: string): Decoder {
  if (encoding === 'utf-8') return { write: (bytes) => bytes, end: () => NOTHING };
  if (encoding === 'utf-16le') return utf16((pairs) => pairs);
  if (encoding === 'utf-16be') return utf16((pairs) => Buffer.from(pairs).swap16());
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  // Node 20 takes windows-1252 for ISO 8859-1 when it is not asked to stream.
  return {
    write: (bytes) => legacyToUtf8(decoder.decode(bytes, { stream: true })),
    end: () => legacyToUtf8(decoder.decode()),
  };
}

/** TextDecoder would make U+FFFD of half a pair, as if it had been in the file. */
function utf16(toLittleEndian: (pairs: Uint8Array) => Uint8Array): Decoder {
  const decoder = new StringDecoder('utf16le');
  let odd: Uint8Array = NOTHING;
  return {
    write: (bytes) => {
      const all = odd.length === 0 ? bytes : Buffer.concat([odd, bytes]);
      const even = all.length - (all.length % 2);
      odd = Buffer.from(all.subarray(even));
      return toBytes(decoder.write(Buffer.from(toLittleEndian(all.subarray(0, even)))));
    },
    end: () => Buffer.concat([toBytes(decoder.end()), odd.length === 0 ? odd : INVALID]),
  };
}

/** No encoding from before Unicode has U+FFFD, but for one way to write it in gb18030. */
function legacyToUtf8(text: string): Uint8Array {
  return joined(text.split(REPLACEMENT));
}

function toBytes(text: string): Uint8Array {
  return text.isWellFormed() ? Buffer.from(text) : joined(text.split(LONE_SURROGATE));
}

function joined(parts: readonly string[]): Uint8Array {
  const [first = '', ...others] = parts;
  if (others.length === 0) return Buffer.from(first);
  return Buffer.concat([Buffer.from(first), ...others.flatMap((part) => [INVALID, Buffer.from(part)])]);
}
