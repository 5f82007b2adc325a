import type { AppError } from '@penstock/domain';
import { SaxesParser } from 'saxes';
import type { Archive } from './archive.js';
import { corruptPart, invalidFile, type PartName } from './invalid-file.js';
import { MAX_SMALL_PART_BYTES, MAX_XML_DEPTH } from './limits.js';

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** Name of the element around it, without its prefix; empty at the top. */
  readonly parent: string;
  /** By name, with prefix. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Reads a small part and calls `visit` for the beginning of each element. @throws AppError InvalidFile */
export async function readXml(
  archive: Archive,
  part: { readonly path: string; readonly name: PartName; readonly visit: (element: XmlElement) => void },
  signal: AbortSignal,
): Promise<void> {
  const stream = await archive.open({ path: part.path, name: part.name, maxBytes: MAX_SMALL_PART_BYTES }, signal);
  const parser = createParser(part.name, part.visit);
  const decode = createDecoder(part.name);
  try {
    for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) parser.write(decode(chunk));
    parser.write(decode(null)).close();
  } finally {
    stream.destroy();
  }
}

/** The name without its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** A declared type could define entities that expand without end; no program writes one into a workbook. */
export function refuseDoctype(name: PartName): AppError {
  return invalidFile(`the file is not a valid workbook: its ${name} declares a document type, which none may have`);
}

function createDecoder(name: PartName): (chunk: Uint8Array | null) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return (chunk) => {
    try {
      return chunk === null ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (error) {
      throw corruptPart(name, 'is not UTF-8', error);
    }
  };
}

function createParser(name: PartName, visit: (element: XmlElement) => void) {
  const parser = new SaxesParser({ position: false, xmlns: false });
  const open: string[] = [];
  parser.on('error', (error) => {
    throw corruptPart(name, 'is not well-formed XML', error);
  });
  parser.on('doctype', () => {
    throw refuseDoctype(name);
  });
  parser.on('opentag', (tag) => {
    if (open.length >= MAX_XML_DEPTH) throw corruptPart(name, `nests more than ${MAX_XML_DEPTH} elements`);
    const element = localName(tag.name);
    visit({ name: element, parent: open.at(-1) ?? '', attributes: tag.attributes });
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  return parser;
}
