import { readdir, readlink } from 'node:fs/promises';

/** What this process has open of files and connections. Pipes and the like come and go with the test runner. */
export async function openFiles(): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target.includes('penstock-') || target.startsWith('socket:'));
}
