import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AppError } from '@penstock/domain';

/** Code of the error of {@link guardedLookup} for a name that leads to a private address. */
export const PRIVATE_ADDRESS = 'EPRIVATE';

/** Networks of IPv4 that are not the public internet: the special-purpose registry of IANA, without what is reachable by all. */
const PRIVATE_IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // What a virtual machine asks about itself in Azure. In other clouds that is link-local.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Networks of IPv6 whose last 32 bits are an address of IPv4: what the system maps, and what a network translates (NAT64). */
const IPV4_INSIDE = ['::ffff:', '64:ff9b::'] as const;
const IPV4_PREFIX = 96;

/** All that may be public of IPv6; loopback, link-local, unique-local and multicast addresses are outside. */
const GLOBAL_IPV6 = blockList([
  ['2000::', 3],
  ['::ffff:0:0', IPV4_PREFIX],
  ['64:ff9b::', IPV4_PREFIX],
]);

/** What is not public in there: protocols and tunnels (2001::/23, 2002::/16), documentation, and private IPv4 inside IPv6. */
const PRIVATE_IPV6 = blockList([
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ...IPV4_INSIDE.flatMap((before) =>
    PRIVATE_IPV4.map(([network, prefix]) => [`${before}${network}`, IPV4_PREFIX + prefix] as const),
  ),
]);

const PRIVATE_IPV4_LIST = blockList(PRIVATE_IPV4);

/**
 * Whether an address of IPv4 or IPv6 belongs to the public internet: not to this machine, a private network, a provider's
 * inside, a group, or a range that is reserved. What is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  // A zone belongs to addresses that mean something on one network only.
  if (address.includes('%')) return false;
  const version = isIP(address);
  if (version === 4) return !PRIVATE_IPV4_LIST.check(address, 'ipv4');
  return version === 6 && GLOBAL_IPV6.check(address, 'ipv6') && !PRIVATE_IPV6.check(address, 'ipv6');
}

/**
 * The lookup of sockets. Without private networks it fails with the code `EPRIVATE` when one of the addresses of a name is not
 * public: the order of the answers must not decide. What is connected to is what was looked at, so a second answer of the
 * name server cannot get around it. Sockets do not look up addresses: {@link checkLiteralHost}.
 */
export function guardedLookup(allowPrivateNetworks: boolean): LookupFunction {
  return (hostname, options, callback) => {
    const all: LookupAllOptions = { ...options, all: true };
    lookup(hostname, all, (error, addresses) => {
      if (error !== null) return callback(error, '');
      const [first] = addresses;
      if (first === undefined) return callback(noAddress(hostname), '');
      if (!allowPrivateNetworks && !addresses.every(isPublic)) return callback(isPrivate(hostname), '');
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * Checks a host that is an address: in brackets or not, and in the forms that systems take for addresses (`2130706433`,
 * `0x7f.1`). Names pass: they are for {@link guardedLookup}. Throws AppError SourceRefused.
 */
export function checkLiteralHost(host: string, allowPrivateNetworks: boolean): void {
  if (allowPrivateNetworks) return;
  const address = literalAddress(host);
  if (address !== null && !isPublicAddress(address)) throw privateAddressError(host);
}

/** What a user is told of a host that the guard refuses. */
export function privateAddressError(host: string): AppError {
  const message = `host "${host}" is at a private address, which this installation does not allow (an operator can set ALLOW_PRIVATE_NETWORKS=true)`;
  return new AppError('SourceRefused', { message });
}

/** The address that a host is; null when it is a name. */
function literalAddress(host: string): string | null {
  const bare = withoutBrackets(host);
  if (isIP(bare) !== 0) return bare;
  const url = `http://${host}/`;
  if (!URL.canParse(url)) return null;
  const parsed = withoutBrackets(new URL(url).hostname);
  return isIP(parsed) === 0 ? null : parsed;
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

function blockList(networks: readonly (readonly [network: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, isIP(network) === 4 ? 'ipv4' : 'ipv6');
  return list;
}

function isPublic({ address }: LookupAddress): boolean {
  return isPublicAddress(address);
}

function isPrivate(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} is at a private address`), { code: PRIVATE_ADDRESS, hostname });
}

function noAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND', hostname });
}
