import { refused, unavailable } from '../application-errors.js';
import type { HubSpotApi } from './hubspot-api.js';

/** A contact as a search finds it. */
export interface FoundContact {
  readonly id: string;
  /** Its properties, as texts or null. */
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface ContactFilter {
  readonly propertyName: string;
  readonly operator: 'GTE' | 'GT';
  readonly value: string;
}

export interface ContactSearch {
  readonly properties: readonly string[];
  readonly filters: readonly ContactFilter[];
}

const PAGE_SIZE = 100;
const ID = 'hs_object_id';
const PATH = '/crm/v3/objects/contacts/search';

/**
 * All contacts that filters let through, by identifier, page by page. Each page begins after the last identifier, and not at a position: a
 * query has 10,000 positions at most, and positions shift while contacts change, which would leave some out.
 */
export async function* searchContacts(api: HubSpotApi, search: ContactSearch): AsyncGenerator<readonly FoundContact[]> {
  let after = 0n;
  for (;;) {
    const page = await searchPage(api, search, after);
    if (page.length === 0) return;
    for (const { id } of page) {
      if (BigInt(id) <= after)
        throw refused(
          api.side,
          'HubSpot delivers contacts that it delivered before: its search does not keep to what it is asked',
        );
      after = BigInt(id);
    }
    yield page;
  }
}

async function searchPage(
  api: HubSpotApi,
  { properties, filters }: ContactSearch,
  after: bigint,
): Promise<FoundContact[]> {
  const own = { propertyName: ID, operator: 'GT', value: String(after) };
  const body = {
    filterGroups: [{ filters: [...filters, own] }],
    sorts: [{ propertyName: ID, direction: 'ASCENDING' }],
    properties,
    limit: PAGE_SIZE,
  };
  const json = await api.read({ method: 'POST', path: PATH, body, canRepeat: true });
  const { results } = (json ?? {}) as { readonly results?: unknown };
  if (!Array.isArray(results)) throw unavailable(api.side, 'HubSpot answered a search without results');
  return results.map((result: unknown) => contactOf(api, result));
}

function contactOf(api: HubSpotApi, result: unknown): FoundContact {
  const { id, properties } = (result ?? {}) as { readonly id?: unknown; readonly properties?: unknown };
  if (typeof id !== 'string' || !/^\d{1,30}$/.test(id) || typeof properties !== 'object' || properties === null) {
    throw unavailable(api.side, 'HubSpot answered a search with something that is no contact');
  }
  return { id, properties: properties as Readonly<Record<string, unknown>> };
}
