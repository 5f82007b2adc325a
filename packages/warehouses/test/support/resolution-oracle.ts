import type { Value } from '@penstock/language';

/** An identity as the oracle knows it: its values by property path. */
export interface OracleIdentity {
  readonly pipeline: number;
  readonly connection: number;
  readonly userId: string;
  readonly updatedAt: string;
  readonly values: Readonly<Record<string, Value>>;
}

export interface OracleProperty {
  readonly path: string;
  readonly isArray: boolean;
}

/** `pipeline/user id` */
export function keyOf({ pipeline, userId }: OracleIdentity): string {
  return `${pipeline}/${userId}`;
}

/** The rule of the product, read literally: same user of a connection, or the first identifier that both have. */
function match(a: OracleIdentity, b: OracleIdentity, identifiers: readonly string[]): boolean {
  if (a.connection === b.connection && a.userId === b.userId) return true;
  const decisive = identifiers.find((path) => isPresent(a.values[path]) && isPresent(b.values[path]));
  return decisive !== undefined && a.values[decisive] === b.values[decisive];
}

function isPresent(value: Value | undefined): boolean {
  return value !== null && value !== undefined;
}

/** The connected components of matches: all pairs are compared. */
export function componentsOf(
  identities: readonly OracleIdentity[],
  identifiers: readonly string[],
): OracleIdentity[][] {
  const waiting = new Set(identities);
  const components: OracleIdentity[][] = [];
  for (const start of identities) {
    if (!waiting.delete(start)) continue;
    const component = [start];
    for (const member of component) {
      for (const other of waiting) {
        if (match(member, other, identifiers) && waiting.delete(other)) component.push(other);
      }
    }
    components.push(component);
  }
  return components;
}

/** What the profile of a component holds, `_updated_at` included. */
export function attributesOf(
  component: readonly OracleIdentity[],
  properties: readonly OracleProperty[],
  primarySources: Readonly<Record<string, number>>,
): Record<string, Value> {
  const newestFirst = [...component].sort(newer);
  const attributes: Record<string, Value> = { _updated_at: newestFirst[0]?.updatedAt ?? null };
  for (const { path, isArray } of properties) {
    const present = newestFirst.filter(({ values }) => isPresent(values[path]));
    const primary = present.find(({ connection }) => connection === primarySources[path]);
    if (isArray) {
      const elements = present.flatMap(({ values }) => values[path] as Value[]);
      attributes[path] = present.length === 0 ? null : [...new Set(elements)];
    } else attributes[path] = (primary ?? present[0])?.values[path] ?? null;
  }
  return attributes;
}

function newer(a: OracleIdentity, b: OracleIdentity): number {
  if (a.updatedAt !== b.updatedAt) return a.updatedAt > b.updatedAt ? -1 : 1;
  if (a.pipeline !== b.pipeline) return a.pipeline - b.pipeline;
  return a.userId < b.userId ? -1 : 1;
}

/** Numbers that look random and are the same in each run: mulberry32. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}
