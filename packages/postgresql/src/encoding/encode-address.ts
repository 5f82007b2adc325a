import { isIPv4, isIPv6 } from 'node:net';
import type { Value } from '@penstock/language';
import { RefusedValue, type WireBuffer } from './wire-buffer.js';

/** PostgreSQL's own numbers of the address families, the same on every platform. */
const FAMILY_4 = 2;
const FAMILY_6 = 3;
const NOT_A_NETWORK = 0;
const HEX = 16;

/** 36 characters as 16 bytes. It is on the way of every profile that is exported: its bytes are written without a call for each. */
export function encodeUuid(value: Value, out: WireBuffer): void {
  if (typeof value !== 'string' || value.length !== 36) throw new RefusedValue('value is not a UUID');
  out.int32(16);
  const { bytes } = out;
  let { position } = out;
  // What is no digit is negative, and stays so whatever it is combined with.
  let digits = 0;
  for (let index = 0; index < 36; index += 2) {
    if (index === 8 || index === 13 || index === 18 || index === 23) {
      if (value.charCodeAt(index) !== HYPHEN) digits = -1;
      index++;
    }
    const high = HEX_DIGITS[value.charCodeAt(index)] ?? -1;
    const low = HEX_DIGITS[value.charCodeAt(index + 1)] ?? -1;
    digits |= high | low;
    bytes[position++] = (high << 4) | low;
  }
  if (digits < 0) throw new RefusedValue('value is not a UUID');
  out.position = position;
}

const HYPHEN = 45;
const HEX_DIGITS = Int8Array.from({ length: 128 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)));

/** The address of a single host. PostgreSQL has no zones, so an address with one is refused. */
export function encodeIp(value: Value, out: WireBuffer): void {
  if (typeof value !== 'string') throw new RefusedValue('value is not an IP address');
  if (isIPv4(value)) {
    encodeAddress(FAMILY_4, bytesOf4(value), out);
    return;
  }
  if (value.includes('%')) throw new RefusedValue('an IP address with a zone cannot be stored');
  if (!isIPv6(value)) throw new RefusedValue('value is not an IP address');
  encodeAddress(FAMILY_6, bytesOf6(value), out);
}

function encodeAddress(family: number, bytes: readonly number[], out: WireBuffer): void {
  out.int32(4 + bytes.length);
  out.byte(family);
  out.byte(8 * bytes.length);
  out.byte(NOT_A_NETWORK);
  out.byte(bytes.length);
  for (const byte of bytes) out.byte(byte);
}

function bytesOf4(text: string): number[] {
  return text.split('.').map(Number);
}

function bytesOf6(text: string): number[] {
  const [front = '', back] = text.split('::');
  const head = groupBytes(front);
  if (back === undefined) return head;
  const tail = groupBytes(back);
  return [...head, ...Array<number>(HEX - head.length - tail.length).fill(0), ...tail];
}

/** Groups of four hexadecimal digits; the last may be an IPv4 address. */
function groupBytes(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return bytesOf4(group);
    const number = Number.parseInt(group, HEX);
    return [number >> 8, number & 0xff];
  });
}
