import type { Archive } from './archive.js';
import { builtInFormat, classifyFormat, type TemporalFormat } from './number-format.js';
import { readXml, type XmlElement } from './xml-part.js';

/** What the number format of each style of cells shows a number as, by the number of the style. */
export type CellStyles = readonly TemporalFormat[];

/** @throws AppError InvalidFile */
export async function readStyles(archive: Archive, path: string, signal: AbortSignal): Promise<CellStyles> {
  const codes = new Map<number, TemporalFormat>();
  const ids: number[] = [];
  const visit = ({ name, parent, attributes }: XmlElement): void => {
    if (name === 'numFmt' && parent === 'numFmts') {
      codes.set(Number(attributes.numFmtId), classifyFormat(attributes.formatCode ?? ''));
    }
    if (name === 'xf' && parent === 'cellXfs') ids.push(Number(attributes.numFmtId ?? 0));
  };
  await readXml(archive, { path, name: 'part with the styles', visit }, signal);
  return ids.map((id) => codes.get(id) ?? builtInFormat(id));
}
