import type { HttpSettings } from './settings.js';

const DEFAULTS: readonly (readonly [key: string, value: string])[] = [
  ['user-agent', 'penstock'],
  ['accept', '*/*'],
];

/** The headers of a request, names and values in turn: the user's, and what those leave out. */
export function requestHeaders(headers: HttpSettings['headers']): readonly string[] {
  const names = new Set(headers.map(({ key }) => key.toLowerCase()));
  const defaults = DEFAULTS.filter(([key]) => !names.has(key));
  // The bytes of the file are wanted: lengths and offsets are about them.
  return ['accept-encoding', 'identity', ...defaults.flat(), ...headers.flatMap(({ key, value }) => [key, value])];
}
