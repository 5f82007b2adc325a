import type { WarehouseColumn } from '@penstock/engine';
import { toDataJson } from '@penstock/language';
import type { ProfileRecord } from '@penstock/warehouses';
import type { ProfileAnswer } from '../../contracts/profiles.js';

type Attributes = Record<string, unknown>;

/** A profile as the API shows it: attributes by property, objects as objects; what it does not have is left out. */
export function encodeProfile(profile: ProfileRecord, columns: readonly WarehouseColumn[]): ProfileAnswer {
  const attributes: Attributes = {};
  for (const { path, type } of columns) {
    const value = profile.attributes[path] ?? null;
    if (value !== null) place(attributes, path.split('.'), toDataJson(type, value));
  }
  const updatedAt = String(toDataJson({ kind: 'datetime' }, profile.updatedAt));
  return { id: profile.id, updatedAt, attributes };
}

/** Names of properties of profiles never begin with `_`, so that none of them means anything to an object. */
function place(attributes: Attributes, names: readonly string[], value: unknown): void {
  let object = attributes;
  for (const name of names.slice(0, -1)) {
    if (!Object.hasOwn(object, name)) object[name] = {};
    object = object[name] as Attributes;
  }
  object[names.at(-1) ?? ''] = value;
}
