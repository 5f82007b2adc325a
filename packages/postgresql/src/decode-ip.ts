import { isIPv6 } from 'node:net';
import { type Decoder, refuse } from './decode.js';

/**
 * An inet is an address, possibly with the length of its network's prefix; only the address is an ip. PostgreSQL writes
 * addresses in canonical form, except that it shows the last two groups of some as an IPv4 address.
 */
export const decodeInet: Decoder = (property) => {
  const hasPrefix = refuse('NotIP', `property "${property}" is an IP network, not the address of a host`);
  return (field) => {
    if (field.includes('/')) return hasPrefix;
    return field.includes('.') && isIPv6(field) ? canonicalIpv6(field) : field;
  };
};

/** URLs have the canonical form of IPv6 addresses. */
function canonicalIpv6(address: string): string {
  if (address.startsWith('::ffff:')) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
