import { buffer } from 'node:stream/consumers';
import { type Options, ZipFile } from 'yazl';

/** A zip archive with files and, by names that end with a slash, directories. */
export async function zipOf(
  entries: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<Options> = {},
): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, data] of Object.entries(entries)) {
    if (name.endsWith('/')) zip.addEmptyDirectory(name);
    else zip.addBuffer(Buffer.from(data as Uint8Array), name, options);
  }
  zip.end();
  return await buffer(zip.outputStream);
}

/** Changes bytes of the only entry's header in the directory at the end of an archive. */
export function withDirectory(archive: Buffer, change: (header: Buffer) => void): Buffer {
  const changed = Buffer.from(archive);
  change(changed.subarray(changed.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'))));
  return changed;
}
