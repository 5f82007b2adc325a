import type { SimpleType, StringType } from '../types/type.js';
import { parseIp } from '../values/ip-text.js';
import { parseUuid } from '../values/uuid-text.js';
import { constraintsOf } from './constraints-of.js';
import { textOf } from './raw-type.js';
import {
  bareWording,
  NOT_TEXT,
  type Normalised,
  type Normaliser,
  notConvertible,
  Refusal,
  wrongType,
} from './refusal.js';

/**
 * Text and bytes. With `dropsEmpty` an empty text that is not among the allowed values is null: sources have it where nothing
 * was chosen.
 */
export function normaliseString(type: StringType, dropsEmpty: boolean): Normaliser {
  const check = constraintsOf(type);
  const dropsThisEmpty = dropsEmpty && type.values !== undefined && !type.values.includes('');
  const refuse = wrongType(type);
  return (raw) => {
    const text = textOf(raw);
    if (typeof text !== 'string') return text === null ? NOT_TEXT : refuse(raw);
    if (dropsThisEmpty && text === '') return null;
    if (!text.isWellFormed()) return NOT_TEXT;
    return check === undefined ? text : (check(text) ?? text);
  };
}

/** Booleans, and the texts `true` and `false`. */
export function normaliseBoolean(type: SimpleType): Normaliser {
  const refuse = wrongType(type);
  const refused = notConvertible(type);
  return (raw) => {
    if (typeof raw === 'boolean') return raw;
    if (typeof raw !== 'string') return refuse(raw);
    return raw === 'true' || (raw === 'false' ? false : refused);
  };
}

/** UUIDs of 36 characters or 16 bytes; an empty text is null where null is allowed. */
export function normaliseUuid(type: SimpleType, nullable: boolean): Normaliser {
  const refuse = wrongType(type);
  const refused = Refusal.of(bareWording.notUuid());
  return (raw) => {
    if (typeof raw === 'string') return nullable && raw === '' ? null : (parseUuid(raw) ?? refused);
    if (!(raw instanceof Uint8Array)) return refuse(raw);
    if (raw.length !== 16) return refused;
    return hexOf(raw).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };
}

/** Addresses as text, whose network mask and zone are dropped, or as 4 or 16 bytes, where a mapped IPv4 address is itself. */
export function normaliseIp(type: SimpleType): Normaliser {
  const refuse = wrongType(type);
  const refused = Refusal.of(bareWording.notIp());
  return (raw) => {
    if (typeof raw === 'string') return ipOfText(raw) ?? refused;
    return raw instanceof Uint8Array ? (ipOfBytes(raw) ?? refused) : refuse(raw);
  };
}

/** Neither an address nor its mask is longer; a zone may be. */
const MAX_IP_LENGTH = 200;
const MASK = /^\d{1,3}$/;

function ipOfText(text: string): Normalised | undefined {
  if (text.length > MAX_IP_LENGTH) return undefined;
  const slash = text.indexOf('/');
  const ip = parseIp(slash === -1 ? text : text.slice(0, slash));
  if (ip === undefined || (slash !== -1 && !isMask(text.slice(slash + 1), ip))) return undefined;
  const zone = ip.indexOf('%');
  return zone === -1 ? ip : ip.slice(0, zone);
}

function isMask(mask: string, ip: string): boolean {
  return MASK.test(mask) && Number(mask) <= (ip.includes(':') ? 128 : 32);
}

function ipOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return undefined;
  const ip = parseIp(hexOf(bytes).replace(/.{4}(?!$)/g, '$&:'));
  return ip?.startsWith('::ffff:') && ip.includes('.') ? ip.slice('::ffff:'.length) : ip;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
