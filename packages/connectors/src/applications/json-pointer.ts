/** Reads a part of parsed JSON; undefined when it is not there. */
export type PointerReader = (json: unknown) => unknown;

/** Whether a text is a JSON pointer (RFC 6901): empty for the whole, or `/a/0/b~1c`. */
export function isJsonPointer(text: string): boolean {
  return /^(?:\/(?:[^~]|~[01])*)?$/.test(text);
}

/** Compiles a JSON pointer. */
export function compilePointer(pointer: string): PointerReader {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return (json) => keys.reduce(member, json);
}

function member(json: unknown, key: string): unknown {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, key)) return undefined;
  return (json as Readonly<Record<string, unknown>>)[key];
}
