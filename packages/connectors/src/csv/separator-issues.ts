import type { CsvSettings } from './settings.js';

/** Characters that separate fields in files that programs write. */
const USUAL = [',', ';', '\t', '|'];

/** The first line that Excel reads the separator from, and shows to nobody. */
const EXCEL_NOTE = /^sep=([^\r\n])$/i;

/** What a header says against the separator that the settings have. `line` is the one that it is in, from 1. */
export function separatorIssues(header: readonly string[], line: number, { separator }: CsvSettings): string[] {
  const text = header.join(separator);
  const [, wanted] = EXCEL_NOTE.exec(text) ?? [];
  if (wanted !== undefined) return [excelNote(wanted, line, separator)];
  const other = header.length === 1 ? mostFrequent(text, separator) : undefined;
  if (other === undefined) return [];
  return [`only one column was found, and its header has ${JSON.stringify(other)}: set separator if the file uses it`];
}

function excelNote(wanted: string, line: number, separator: string): string {
  const change = wanted === separator ? '' : ` and separator to ${JSON.stringify(wanted)}`;
  return `the header is a line that tells Excel the separator: set skipRows to ${line}${change}`;
}

/** The usual separator, other than the one that is set, that a text has most often; undefined where it has none. */
function mostFrequent(text: string, separator: string): string | undefined {
  const [first] = USUAL.filter((candidate) => candidate !== separator && text.includes(candidate)).sort(
    (one, other) => text.split(other).length - text.split(one).length,
  );
  return first;
}
