import type { ConnectionRole } from '@penstock/domain';
import { isPropertyName, type ObjectType, type Property, type Type } from '@penstock/language';
import { unavailable } from '../application-errors.js';
import type { HubSpotApi } from './hubspot-api.js';

/** A property as HubSpot describes it. All members may be missing. */
interface Described {
  readonly name?: unknown;
  readonly label?: unknown;
  readonly type?: unknown;
  readonly fieldType?: unknown;
  readonly hidden?: unknown;
  readonly archived?: unknown;
  readonly calculated?: unknown;
  readonly modificationMetadata?: { readonly readOnlyValue?: unknown } | null;
}

const PATH = '/crm/v3/properties/contacts';

const TEXT: Type = { kind: 'string' };
/** What HubSpot calls types. Options come and go, so that they are no part of the type. */
const TYPES: ReadonlyMap<unknown, Type> = new Map<unknown, Type>([
  ['string', TEXT],
  ['phone_number', TEXT],
  ['enumeration', TEXT],
  ['number', { kind: 'float', bitSize: 64, real: true }],
  ['bool', { kind: 'boolean' }],
  ['date', { kind: 'date' }],
  ['datetime', { kind: 'datetime' }],
]);
const SEVERAL: Type = { kind: 'array', elementType: TEXT };

/** The properties of contacts: of a source all that can be read, of a destination all that can be written. */
export async function contactProperties(api: HubSpotApi, role: ConnectionRole): Promise<ObjectType> {
  const json = await api.read({ method: 'GET', path: PATH, canRepeat: true });
  const { results } = (json ?? {}) as { readonly results?: unknown };
  if (!Array.isArray(results)) throw unavailable(api.side, 'HubSpot answered without a list of properties');
  const properties = (results as readonly (Described | null)[]).flatMap((described) =>
    propertyOf(described ?? {}, role),
  );
  if (properties.length === 0) throw unavailable(api.side, 'HubSpot answered without any property of contacts');
  return { kind: 'object', properties: properties.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

function propertyOf(described: Described, role: ConnectionRole): Property[] {
  const { name, label, hidden, archived } = described;
  const type = typeOf(described);
  const isShown = hidden !== true && archived !== true && (role === 'Source' || !isReadOnly(described));
  if (typeof name !== 'string' || !isPropertyName(name) || type === undefined || !isShown) return [];
  const description = typeof label === 'string' ? label : '';
  const common = { name, type, readOptional: true, description } as const;
  // A value is cleared by null.
  return [role === 'Source' ? common : { ...common, nullable: true }];
}

function isReadOnly({ calculated, modificationMetadata }: Described): boolean {
  return calculated === true || modificationMetadata?.readOnlyValue === true;
}

function typeOf({ type, fieldType }: Described): Type | undefined {
  return type === 'enumeration' && fieldType === 'checkbox' ? SEVERAL : TYPES.get(type);
}
