import path from 'node:path/posix';
import type { Archive } from './archive.js';
import { readXml, type XmlElement } from './xml-part.js';

/** Where a part points to. */
export interface Relationship {
  /** The last word of its type: `worksheet`. What comes before it depends on the version of the format. */
  readonly type: string;
  /** Path of the part in the archive. */
  readonly path: string;
}

/** The relationships of a part by their ids; those of the archive itself for the empty path. @throws AppError InvalidFile */
export async function readRelationships(
  archive: Archive,
  part: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Relationship>> {
  const folder = part === '' ? '' : path.dirname(part);
  const relationships = new Map<string, Relationship>();
  const visit = ({ name, attributes }: XmlElement): void => {
    if (name !== 'Relationship' || attributes.TargetMode === 'External') return;
    const { Id = '', Type = '', Target = '' } = attributes;
    relationships.set(Id, { type: Type.slice(Type.lastIndexOf('/') + 1), path: resolve(folder, Target) });
  };
  const file = path.join(folder, '_rels', `${path.basename(part)}.rels`);
  await readXml(archive, { path: file, name: 'part with the relationships', visit }, signal);
  return relationships;
}

/** A target with a slash at its beginning counts from the root of the archive. */
function resolve(folder: string, target: string): string {
  return path.resolve('/', folder, target).slice(1);
}
