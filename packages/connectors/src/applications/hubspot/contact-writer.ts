import type {
  ApplicationOperation,
  ApplicationUser,
  ApplicationWriter,
  DestinationColumn,
  OutgoingRecord,
  RecordOutcome,
} from '@penstock/engine';
import { type Type, ValueFailure } from '@penstock/language';
import { refused, unavailable } from '../application-errors.js';
import { compileRead } from '../user-columns.js';
import { batchOutcomes, errorMessage, traceId } from './batch-outcomes.js';
import type { HubSpotApi } from './hubspot-api.js';
import { propertyRaw, propertyText } from './property-text.js';
import { searchContacts } from './search-contacts.js';

const BATCH_SIZE = 100;
const BATCHES = '/crm/v3/objects/contacts/batch';

/** Statuses of a batch of which a single record may be the reason. */
const ABOUT_RECORDS: ReadonlySet<number> = new Set([400, 404, 409, 413, 422]);

/**
 * Writes contacts in batches. A batch that HubSpot refuses as a whole is halved, so that a bad contact fails alone. A batch of new contacts
 * that got lost is not sent again, as it may have been taken: the next attempt looks first who is there.
 */
export class ContactWriter implements ApplicationWriter {
  readonly batchSize = BATCH_SIZE;
  readonly knowsUsers = true;
  readonly concurrency = 3;
  readonly #api: HubSpotApi;
  readonly #types: ReadonlyMap<string, Type>;

  constructor(api: HubSpotApi, columns: readonly DestinationColumn[]) {
    this.#api = api;
    this.#types = new Map(columns.map(({ name, type }) => [name, type]));
  }

  async *users(matching: DestinationColumn): AsyncGenerator<readonly ApplicationUser[]> {
    const { name, type } = matching;
    const read = compileRead(type, name);
    for await (const page of searchContacts(this.#api, { properties: [name], filters: [] })) {
      yield page.map(({ id, properties }): ApplicationUser => {
        const value = read(propertyRaw(type, properties[name]) ?? null);
        const isNone = value === null || value instanceof ValueFailure;
        return { externalId: id, matching: isNone ? null : String(value) };
      });
    }
  }

  async write(operation: ApplicationOperation, records: readonly OutgoingRecord[]): Promise<readonly RecordOutcome[]> {
    if (records.length === 0) return [];
    const answer = await this.#api.send({
      method: 'POST',
      path: `${BATCHES}/${operation}`,
      body: { inputs: records.map((record, position) => this.#input(record, position)) },
      canRepeat: operation === 'update',
    });
    const json = answer.json();
    if (answer.isSuccess) {
      if (json === undefined)
        throw unavailable(
          'destination',
          `HubSpot answered POST ${BATCHES}/${operation} with something that is no JSON`,
        );
      return batchOutcomes(json, records);
    }
    if (!ABOUT_RECORDS.has(answer.status)) {
      throw refused('destination', `HubSpot refused POST ${BATCHES}/${operation} (status ${answer.status})`);
    }
    if (records.length === 1) return [{ kind: 'rejected', message: `${errorMessage(json)} (status ${answer.status})` }];
    const middle = Math.ceil(records.length / 2);
    return [
      ...(await this.write(operation, records.slice(0, middle))),
      ...(await this.write(operation, records.slice(middle))),
    ];
  }

  async remove(externalIds: readonly string[]): Promise<readonly RecordOutcome[]> {
    for (let start = 0; start < externalIds.length; start += BATCH_SIZE) {
      const inputs = externalIds.slice(start, start + BATCH_SIZE).map((id) => ({ id }));
      const answer = await this.#api.send({
        method: 'POST',
        path: `${BATCHES}/archive`,
        body: { inputs },
        canRepeat: true,
      });
      if (!answer.isSuccess)
        throw refused('destination', `HubSpot refused POST ${BATCHES}/archive (status ${answer.status})`);
    }
    // A contact that is not there any more counts as removed, for HubSpot too.
    return externalIds.map((externalId) => ({ kind: 'accepted', externalId }));
  }

  async close(): Promise<void> {
    await this.#api.close();
  }

  #input({ externalId, attributes }: OutgoingRecord, position: number): unknown {
    const properties = Object.fromEntries(
      Object.entries(attributes).flatMap(([name, value]) => {
        const type = this.#types.get(name);
        return type === undefined ? [] : [[name, propertyText(type, value)]];
      }),
    );
    return { ...(externalId === null ? {} : { id: externalId }), properties, objectWriteTraceId: traceId(position) };
  }
}
