import { type JsonAnswer, type JsonRequest, type JsonServer, startJsonServer } from './json-server.js';

export const HUBSPOT_TOKEN = 'pat-s3cret';

export interface StoredContact {
  readonly id: string;
  readonly updatedAt: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface HubSpotServer extends JsonServer {
  readonly contacts: Map<string, StoredContact>;
  /** Stores a contact; its last change is at the given time. */
  put(properties: Readonly<Record<string, string>>, updatedAt?: string): StoredContact;
  /** Whether batches of new contacts are refused as a whole when one is bad, as without traces. */
  refusesWholeBatches: boolean;
}

interface Input {
  readonly id?: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly objectWriteTraceId?: string;
}

interface Filter {
  readonly propertyName: string;
  readonly operator: string;
  readonly value?: string;
}

const MAX_RESULTS = 10_000;
const MAX_INPUTS = 100;

const PROPERTIES = [
  { name: 'email', label: 'Email', type: 'string', fieldType: 'text' },
  { name: 'firstname', label: 'First Name', type: 'string', fieldType: 'text' },
  { name: 'age', label: 'Age', type: 'number', fieldType: 'number' },
  { name: 'subscribed', label: 'Subscribed', type: 'bool', fieldType: 'booleancheckbox' },
  { name: 'birthday', label: 'Birthday', type: 'date', fieldType: 'date' },
  { name: 'joined', label: 'Joined', type: 'datetime', fieldType: 'date' },
  { name: 'stage', label: 'Stage', type: 'enumeration', fieldType: 'select', options: [{ value: 'lead' }] },
  { name: 'interests', label: 'Interests', type: 'enumeration', fieldType: 'checkbox', options: [{ value: 'a' }] },
  { name: 'lastmodifieddate', label: 'Last Modified', type: 'datetime', modificationMetadata: { readOnlyValue: true } },
  { name: 'score', label: 'Score', type: 'number', calculated: true },
  { name: 'secret_one', label: 'Hidden', type: 'string', hidden: true },
  { name: 'place', label: 'Place', type: 'object_coordinates', fieldType: 'text' },
  { name: 'ärger', label: 'No name', type: 'string', fieldType: 'text' },
  { name: 7 },
  null,
];

/** The CRM API v3 of HubSpot for contacts, as it is published. */
export async function startHubSpotServer(): Promise<HubSpotServer> {
  const contacts = new Map<string, StoredContact>();
  const state = { refusesWholeBatches: false, lastId: 1_000 };
  const put = (properties: StoredContact['properties'], updatedAt = '2026-01-01T00:00:00.000Z'): StoredContact => {
    state.lastId += 1;
    const contact = { id: String(state.lastId), updatedAt, properties: { ...properties, lastmodifieddate: updatedAt } };
    contacts.set(contact.id, contact);
    return contact;
  };
  const routes: Readonly<Record<string, (request: JsonRequest) => JsonAnswer>> = {
    'GET /crm/v3/properties/contacts': () => ({ status: 200, body: { results: PROPERTIES } }),
    'GET /crm/v3/objects/contacts': () => ({ status: 200, body: { results: [] } }),
    'POST /crm/v3/objects/contacts/search': ({ text }) => search(contacts, JSON.parse(text) as SearchRequest),
    'POST /crm/v3/objects/contacts/batch/create': ({ text }) => create(inputsOf(text), { contacts, put, state }),
    'POST /crm/v3/objects/contacts/batch/update': ({ text }) => update(inputsOf(text), contacts),
    'POST /crm/v3/objects/contacts/batch/archive': ({ text }) => {
      for (const { id = '' } of inputsOf(text)) contacts.delete(id);
      return { status: 204 };
    },
  };
  const server = await startJsonServer((request) => {
    if (request.headers.authorization !== `Bearer ${HUBSPOT_TOKEN}`) {
      return { status: 401, body: { status: 'error', category: 'INVALID_AUTHENTICATION', message: 'secret words' } };
    }
    const route = routes[`${request.method} ${request.url.pathname}`];
    return route === undefined ? { status: 404, body: '<html>' } : route(request);
  });
  return {
    ...server,
    contacts,
    put,
    get refusesWholeBatches() {
      return state.refusesWholeBatches;
    },
    set refusesWholeBatches(value) {
      state.refusesWholeBatches = value;
    },
  };
}

interface Store {
  readonly contacts: ReadonlyMap<string, StoredContact>;
  readonly put: HubSpotServer['put'];
  readonly state: { readonly refusesWholeBatches: boolean };
}

function inputsOf(text: string): readonly Input[] {
  return (JSON.parse(text) as { readonly inputs: readonly Input[] }).inputs;
}

/** What is wrong with a new contact, in HubSpot's words, which have its values. */
function problemOf({ properties }: Input, contacts: ReadonlyMap<string, StoredContact>) {
  const { email = '' } = properties;
  if (email === 'bad') {
    const list = [{ isValid: false, message: `Email address bad is invalid`, error: 'INVALID_EMAIL', name: 'email' }];
    const message = `Property values were not valid: ${JSON.stringify(list)}`;
    return { httpStatus: 400, status: 'error', category: 'VALIDATION_ERROR', message };
  }
  const existing =
    email === '' ? undefined : [...contacts.values()].find((contact) => contact.properties.email === email);
  if (existing === undefined) return null;
  const message = `Contact already exists. Existing ID: ${existing.id}`;
  return { httpStatus: 409, status: 'error', category: 'CONFLICT', message };
}

function create(inputs: readonly Input[], { contacts, put, state }: Store): JsonAnswer {
  if (inputs.length > MAX_INPUTS) return { status: 400, body: { status: 'error', category: 'VALIDATION_ERROR' } };
  const results: unknown[] = [];
  const errors: unknown[] = [];
  if (state.refusesWholeBatches) {
    for (const input of inputs) {
      const problem = problemOf(input, contacts);
      if (problem !== null) return { status: problem.httpStatus, body: problem };
    }
  }
  for (const input of inputs) {
    const { objectWriteTraceId } = input;
    const problem = problemOf(input, contacts);
    const context = { objectWriteTraceId: [objectWriteTraceId] };
    if (problem !== null) errors.push({ ...problem, context });
    else results.unshift({ ...put(withoutEmpty(input.properties)), objectWriteTraceId });
  }
  return batchAnswer(201, results, errors);
}

function update(inputs: readonly Input[], contacts: Map<string, StoredContact>): JsonAnswer {
  const results: unknown[] = [];
  const missing: string[] = [];
  for (const { id = '', properties } of inputs) {
    const contact = contacts.get(id);
    if (contact === undefined) {
      missing.push(id);
      continue;
    }
    const updated = { ...contact, properties: withoutEmpty({ ...contact.properties, ...properties }) };
    contacts.set(id, updated);
    results.unshift(updated);
  }
  const message = 'Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.';
  const error = { status: 'error', category: 'OBJECT_NOT_FOUND', message, context: { ids: missing } };
  return batchAnswer(200, results, missing.length === 0 ? [] : [error]);
}

function batchAnswer(status: number, results: readonly unknown[], errors: readonly unknown[]): JsonAnswer {
  if (errors.length === 0) return { status, body: { status: 'COMPLETE', results } };
  return { status: 207, body: { status: 'COMPLETE', results, numErrors: errors.length, errors } };
}

interface SearchRequest {
  readonly filterGroups: readonly { readonly filters: readonly Filter[] }[];
  readonly sorts: readonly { readonly propertyName: string }[];
  readonly properties: readonly string[];
  readonly limit: number;
  readonly after?: string;
}

function search(contacts: ReadonlyMap<string, StoredContact>, request: SearchRequest): JsonAnswer {
  const start = Number(request.after ?? 0);
  if (start + request.limit > MAX_RESULTS || request.limit > 200)
    return { status: 400, body: { category: 'VALIDATION_ERROR' } };
  const filters = request.filterGroups.flatMap((group) => group.filters);
  const sortBy = request.sorts[0]?.propertyName ?? 'createdate';
  const found = [...contacts.values()]
    .filter((contact) => filters.every((filter) => passes(contact, filter)))
    .toSorted((a, b) => comparable(a, sortBy) - comparable(b, sortBy));
  const end = start + request.limit;
  const results = found.slice(start, end).map(({ id, updatedAt, properties }) => ({
    id,
    updatedAt,
    properties: Object.fromEntries(request.properties.map((name) => [name, properties[name] ?? null])),
  }));
  const paging = end < found.length ? { paging: { next: { after: String(end) } } } : {};
  return { status: 200, body: { total: found.length, results, ...paging } };
}

function passes(contact: StoredContact, { propertyName, operator, value }: Filter): boolean {
  if (operator === 'HAS_PROPERTY') return (contact.properties[propertyName] ?? '') !== '';
  const own = comparable(contact, propertyName);
  return operator === 'GTE' ? own >= Number(value) : own > Number(value);
}

function comparable({ id, properties }: StoredContact, name: string): number {
  return name === 'hs_object_id' ? Number(id) : Date.parse(properties[name] ?? '');
}

/** An empty value clears a property. */
function withoutEmpty(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== ''));
}
