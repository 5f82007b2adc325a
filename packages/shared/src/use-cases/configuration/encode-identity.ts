import type { WarehouseColumn } from '@penstock/engine';
import { toDataJson, type Value } from '@penstock/language';
import type { IdentityRecord } from '@penstock/warehouses';

type Attributes = Record<string, unknown>;

/** An identity as the API shows it. */
export interface ListedIdentity {
  readonly userId: string;
  readonly connection: number;
  readonly pipeline: number;
  readonly updatedAt: string;
  readonly attributes: Attributes;
}

export function encodeIdentity(identity: IdentityRecord, columns: readonly WarehouseColumn[]): ListedIdentity {
  const { userId, connection, pipeline, updatedAt, attributes } = identity;
  return {
    ...{ userId, connection, pipeline },
    updatedAt: encodeUpdateTime(updatedAt),
    attributes: encodeAttributes(attributes, columns),
  };
}

/** Attributes of identities and profiles as the API shows them: objects as objects; what is not there is left out. */
export function encodeAttributes(
  values: Readonly<Record<string, Value>>,
  columns: readonly WarehouseColumn[],
): Attributes {
  const attributes: Attributes = {};
  for (const { path, type } of columns) {
    const value = Object.hasOwn(values, path) ? values[path] : null;
    if (value !== undefined && value !== null) place(attributes, path.split('.'), toDataJson(type, value));
  }
  return attributes;
}

/** `updatedAt` is a canonical datetime. */
export function encodeUpdateTime(updatedAt: string): string {
  return String(toDataJson({ kind: 'datetime' }, updatedAt));
}

/** Names of properties of profiles never begin with `_`, so that `__proto__` is none of them. */
function place(attributes: Attributes, names: readonly string[], value: unknown): void {
  let object = attributes;
  for (const name of names.slice(0, -1)) {
    if (!Object.hasOwn(object, name)) object[name] = {};
    object = object[name] as Attributes;
  }
  object[names.at(-1) ?? ''] = value;
}
