import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory of the checkout, whatever the current directory is. */
export const repositoryRoot = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** What can be made again at any time: unpacked servers, records of test runs. Never state. */
export const cacheDirectory = path.join(repositoryRoot, '.cache');
