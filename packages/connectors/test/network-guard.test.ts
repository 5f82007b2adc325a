import { connect, type LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { checkLiteralHost, guardedLookup, isPublicAddress } from '../src/files/network-guard.js';
import { serve } from './tcp-server.js';

const PRIVATE = [
  ...[
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.0',
    '10.255.255.255',
    '100.64.0.0',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.255',
  ],
  ...['168.63.129.16', '169.254.0.0', '169.254.169.254', '172.16.0.0', '172.31.255.255', '192.0.0.1', '192.0.2.1'],
  ...['192.88.99.1', '192.168.0.0', '192.168.255.255', '198.18.0.0', '198.19.255.255', '198.51.100.1', '203.0.113.1'],
  ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
];

const PUBLIC = [
  ...[
    '1.0.0.0',
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
  ],
  ...['168.63.129.15', '168.63.129.17', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.0'],
  ...['192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255', '8.8.8.8'],
];

const lookUp = (lookup: LookupFunction, host: string, all: boolean): Promise<unknown> =>
  new Promise((resolve, reject) => {
    lookup(host, { all }, (error, address, family) => (error === null ? resolve([address, family]) : reject(error)));
  });

describe('an address', () => {
  it.each(PRIVATE)('of IPv4 that is not public is refused in every form: %s', (address) => {
    const bytes = address.split('.').map(Number);
    const hex = [0, 2].map((at) => (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16)).join(':');
    const forms = [address, `::ffff:${address}`, `::ffff:${hex}`, `0:0:0:0:0:FFFF:${hex}`];
    forms.push(`::${address}`, `::${hex}`, `64:ff9b::${address}`, `64:ff9b::${hex}`, `2002:${hex}::1`);
    for (const form of forms) expect.soft(isPublicAddress(form), form).toBe(false);
  });

  it.each(PUBLIC)('of IPv4 that is public is allowed, also inside IPv6: %s', (address) => {
    for (const form of [address, `::ffff:${address}`, `64:ff9b::${address}`]) {
      expect.soft(isPublicAddress(form), form).toBe(true);
    }
  });

  it.each([
    ...['::', '::1', 'fe80::1', 'fe80::1%lo', 'fec0::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '100::1', '2001::1'],
    ...[
      '2001:2::1',
      '2001:10::1',
      '2001:db8::1',
      '2002:808:808::1',
      '3fff::1',
      '4000::1',
      '64:ff9b:1::808:808',
      '::8.8.8.8',
    ],
    ...['5f00::1', '::ffff:0:8.8.8.8', '', 'localhost', '1.2.3', '[2606:4700::1]', '2606:4700::1%eth0'],
  ])('that is not public is refused: %j', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    '2606:4700:4700::1111',
    '2001:4860:4860::8888',
    '2a00:1450::1',
    '2400:cb00::1',
    '2001:200::1',
    '2620:4f:8000::1',
  ])('that is public is allowed: %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('a host that is an address', () => {
  it.each([
    ...['127.0.0.1', '127.0.0.1.', '127.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '017700000001', '0'],
    ...[
      '[::1]',
      '::1',
      '[::ffff:127.0.0.1]',
      '::ffff:7f00:1',
      '[fe80::1]',
      'fe80::1%lo',
      '１２７.0.0.1',
      '127。0。0。1',
      '10.0.0.8',
    ],
  ])('is refused where private networks are not allowed: %s', (host) => {
    expect(() => checkLiteralHost(host, false)).toThrow(
      expect.objectContaining({
        code: 'SourceRefused',
        message: `host "${host}" is at a private address, which this installation does not allow (an operator can set ALLOW_PRIVATE_NETWORKS=true)`,
      }),
    );
    expect(() => checkLiteralHost(host, true)).not.toThrow();
  });

  it.each([
    'example.com',
    'localhost',
    '8.8.8.8',
    '[2606:4700::1]',
    '2606:4700::1',
    'bücher.example',
    'not a host',
    '1.2.3.4.5',
  ])('passes when it is public, or a name that is for the lookup: %s', (host) => {
    expect(() => checkLiteralHost(host, false)).not.toThrow();
  });
});

describe('the guarded lookup', () => {
  it.each([true, false])('refuses a name at a private address, with all %s', async (all) => {
    for (const host of ['localhost', '127.0.0.1', '127.1', '::1', '0x7f000001']) {
      await expect.soft(lookUp(guardedLookup(false), host, all), host).rejects.toMatchObject({ code: 'EPRIVATE' });
    }
  });

  it('finds public addresses in the shape that is asked for', async () => {
    const expected = { address: '8.8.8.8', family: 4 };
    expect(await lookUp(guardedLookup(false), '8.8.8.8', true)).toEqual([[expected], undefined]);
    expect(await lookUp(guardedLookup(false), '8.8.8.8', false)).toEqual(['8.8.8.8', 4]);
    expect(await lookUp(guardedLookup(true), '127.0.0.1', true)).toEqual([
      [{ address: '127.0.0.1', family: 4 }],
      undefined,
    ]);
  });

  it('reports a name that is unknown', async () => {
    for (const allowed of [true, false]) {
      const result = lookUp(guardedLookup(allowed), 'no-such-host.invalid', true);
      await expect(result).rejects.toMatchObject({ code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
    }
  });

  it('keeps a socket from being connected', async () => {
    let connected = 0;
    const server = await serve(() => {
      connected += 1;
    });
    const attempt = (allowed: boolean): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect({ host: 'localhost', port: server.port, lookup: guardedLookup(allowed) });
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
        socket.on('connect', () => resolve('connected')).on('connect', () => socket.destroy());
      });
    expect(await attempt(false)).toBe('EPRIVATE');
    expect(connected).toBe(0);
    expect(await attempt(true)).toBe('connected');
    await server.stop();
  });
});
