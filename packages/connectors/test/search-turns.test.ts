import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FileStorage } from '../src/files/file-storage.js';
import { compilePattern } from '../src/files/path-pattern.js';
import { SearchTurns } from '../src/files/search-turns.js';
import { FilesystemStorage } from '../src/filesystem/filesystem-storage.js';
import { s3 } from '../src/s3/s3.js';
import { sftp } from '../src/sftp/sftp.js';
import { countingSignal } from './counting-signal.js';
import { rejection, unhurried } from './read-source.js';
import { OPEN_ACCESS } from './read-storage.js';
import { startPlainS3 } from './s3-server.js';
import { startSshd } from './sshd.js';

/** Much work for each name, and no match. */
const PATTERN = `many/*${'a'.repeat(200)}{b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u}`;
const NAMES = Array.from({ length: 600 }, (_, index) => `many/${index}-${'a'.repeat(240)}`);
/** Far fewer than the work needs, far more than there are when nobody cares. */
const FEW_TURNS = 40;

const sshd = await startSshd();

async function directoryOfFiles(): Promise<FileStorage> {
  const root = await mkdtemp(path.join(tmpdir(), 'penstock-turns-'));
  onTestFinished(() => rm(root, { recursive: true }));
  await mkdir(path.join(root, 'many'));
  for (const name of NAMES) await writeFile(path.join(root, name), '');
  return new FilesystemStorage(root);
}

async function bucket(): Promise<FileStorage> {
  const server = await startPlainS3();
  for (const name of NAMES) await server.put(name, '');
  const storage = s3.open(server.settings, OPEN_ACCESS);
  onTestFinished(async () => {
    await storage.close();
    await server.stop();
  });
  return storage;
}

async function sftpServer(): Promise<FileStorage> {
  if (sshd === null) throw new Error('there is no sshd');
  for (const name of NAMES) await sshd.put(name, '');
  const storage = sftp.open(sshd.settings, OPEN_ACCESS);
  onTestFinished(async () => {
    await storage.close();
    await sshd.stop();
  });
  return storage;
}

const WITH_SSHD: [string, () => Promise<FileStorage>, number] = ['a server of SFTP', sftpServer, 0];

describe('a search among many names', () => {
  it('gives way to others after some work, and not before', async () => {
    const pattern = compilePattern(PATTERN);
    const turns = new SearchTurns(pattern, unhurried());
    expect(turns.due).toBe(false);
    let names = 0;
    for (; !turns.due; names += 1) pattern.matches(`${NAMES[0]}`);
    expect(names).toBeGreaterThan(1);
    let others = false;
    setImmediate(() => {
      others = true;
    });
    await turns.take();
    expect(others).toBe(true);
    expect(turns.due).toBe(false);
  });

  it('ends in its next turn when the signal is aborted', async () => {
    const controller = new AbortController();
    const turns = new SearchTurns(compilePattern(PATTERN), controller.signal);
    const reason = new Error('stopped by the test');
    setImmediate(() => controller.abort(reason));
    expect(await rejection(turns.take())).toBe(reason);
  });

  it.each<[string, () => Promise<FileStorage>, looksBesides: number]>([
    ['a directory of this machine', directoryOfFiles, NAMES.length],
    ['a bucket', bucket, 0],
    ...(sshd === null ? [] : [WITH_SSHD]),
  ])('takes turns, and looks at the signal in each, in %s', async (_, start, looksBesides) => {
    const storage = await start();
    const watched = countingSignal();
    expect(await rejection(storage.find(PATTERN, watched.signal))).toMatchObject({ code: 'SourceRefused' });
    expect(watched.looks()).toBeGreaterThan(FEW_TURNS + looksBesides);
    const stopped = countingSignal(FEW_TURNS);
    expect(await rejection(storage.find(PATTERN, stopped.signal))).toBe(stopped.reason);
  });
});
