import type { WarehouseColumn } from '@penstock/engine';
import type { ProfileRecord } from '@penstock/warehouses';
import type { ProfileAnswer } from '../../contracts/profiles.js';
import { encodeAttributes, encodeUpdateTime } from '../configuration/encode-identity.js';

/** A profile as the API shows it. */
export function encodeProfile(profile: ProfileRecord, columns: readonly WarehouseColumn[]): ProfileAnswer {
  const { id, updatedAt, attributes } = profile;
  return { id, updatedAt: encodeUpdateTime(updatedAt), attributes: encodeAttributes(attributes, columns) };
}
