import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { guardedLookup } from '../src/files/network-guard.js';

const PUBLIC = { address: '93.184.215.14', family: 4 };
const PRIVATE = { address: '10.0.0.1', family: 4 };
const PRIVATE_IPV6 = { address: 'fd00::1', family: 6 };

/** What the name server of a stranger answers. */
const answers = vi.hoisted(() => ({ addresses: [] as readonly unknown[] }));
vi.mock('node:dns', () => ({
  lookup: (_host: string, _options: unknown, callback: (error: null, addresses: readonly unknown[]) => void) =>
    callback(null, answers.addresses),
}));

const lookUp = promisify(guardedLookup(false));

describe('the guarded lookup of a name with several addresses', () => {
  it.each([
    [[PUBLIC, PRIVATE]],
    [[PRIVATE, PUBLIC]],
    [[PUBLIC, PRIVATE_IPV6]],
    [[PUBLIC, { address: 'no address', family: 4 }]],
  ])('refuses it when one of them is not public: %j', async (addresses) => {
    answers.addresses = addresses;
    await expect(lookUp('example.com', { all: true })).rejects.toMatchObject({ code: 'EPRIVATE' });
    await expect(lookUp('example.com', { all: false })).rejects.toMatchObject({ code: 'EPRIVATE' });
  });

  it('allows it when all are public, and reports that there are none', async () => {
    answers.addresses = [PUBLIC, PUBLIC];
    expect(await lookUp('example.com', { all: true })).toEqual([PUBLIC, PUBLIC]);
    answers.addresses = [];
    await expect(lookUp('example.com', { all: true })).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});
