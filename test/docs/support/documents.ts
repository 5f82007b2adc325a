import { readText, repositoryFiles } from './repository.js';

/** The documents of the project, relative to its root. */
export const DOCUMENTS: readonly string[] = repositoryFiles().filter((file) => /^([^/]+|docs\/.*)\.md$/.test(file));

const FENCE = /^ *```(\w*)\n([\s\S]*?)^ *```$/gm;

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

/** The blocks of code of a document. */
export function codeBlocks(text: string): CodeBlock[] {
  return [...text.matchAll(FENCE)].map(([, language = '', block = '']) => ({ language, text: block }));
}

/** The block of code that follows the comment `tested: <name>`. */
export function testedBlock(document: string, name: string): string {
  const text = readText(document);
  const start = text.indexOf(`<!-- tested: ${name} -->`);
  const [block] = start === -1 ? [] : codeBlocks(text.slice(start));
  if (block === undefined) throw new Error(`${document} has no block "${name}"`);
  return block.text;
}

/** What stands between single backticks, outside of blocks of code. */
export function inlineCode(text: string): string[] {
  return [...text.replace(FENCE, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The text of a section, from its heading to the next one of the same or a higher level. */
export function section(document: string, heading: string): string {
  const lines = readText(document).split('\n');
  const start = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'));
  if (start === -1) throw new Error(`${document} has no section "${heading}"`);
  const level = (lines[start]?.match(/^#+/)?.[0] ?? '').length;
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}

/** The cells of the first table of a text, without its head. */
export function tableRows(text: string): string[][] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^\|[-| ]+\|$/.test(line));
  const rows: string[][] = [];
  for (const line of start === -1 ? [] : lines.slice(start + 1)) {
    if (!line.startsWith('|')) break;
    rows.push(
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchors(text: string): string[] {
  const headings = [...text.replace(FENCE, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** `code` without its backticks. */
export function unquote(cell: string): string {
  return cell.replace(/^`(.*)`$/, '$1');
}
