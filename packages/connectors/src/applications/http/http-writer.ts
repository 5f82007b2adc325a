import type {
  ApplicationOperation,
  ApplicationUser,
  ApplicationWriter,
  DestinationColumn,
  OutgoingRecord,
  RecordOutcome,
} from '@penstock/engine';
import { type Value, ValueFailure } from '@penstock/language';
import type { ApplicationAnswer } from '../application-client.js';
import { refused, unavailable } from '../application-errors.js';
import { type AttributeEncoder, attributeEncoders } from '../attribute-json.js';
import { compilePointer } from '../json-pointer.js';
import { compileRead, readId } from '../user-columns.js';
import { allValues, fillTemplate, type TemplateValues, templateValues } from './body-template.js';
import { addressOf, type HttpApplication } from './connect.js';
import { listUsers } from './list-users.js';
import type { ApplicationSettings } from './settings.js';

type WriteRequest = NonNullable<ApplicationSettings['create'] | ApplicationSettings['delete']>;

/** Records, one after the other, at which the application fails: then it is not the records. */
const MAX_FAILED_IN_A_ROW = 5;
const SERVER_ERRORS = 500;

const NOT_AN_ADDRESS = { kind: 'rejected', message: 'the identifier of the user cannot stand in an address' } as const;

/** Writes users by a request for each. */
export class HttpWriter implements ApplicationWriter {
  readonly batchSize = 1;
  readonly knowsUsers: boolean;
  readonly concurrency: number;
  readonly remove?: (externalIds: readonly string[]) => Promise<readonly RecordOutcome[]>;
  readonly #settings: ApplicationSettings;
  readonly #application: HttpApplication;
  readonly #encoders: ReadonlyMap<string, AttributeEncoder>;
  #failedInARow = 0;

  constructor(settings: ApplicationSettings, application: HttpApplication, columns: readonly DestinationColumn[]) {
    this.#settings = settings;
    this.#application = application;
    this.#encoders = attributeEncoders(columns);
    this.concurrency = settings.concurrency;
    this.knowsUsers = settings.list !== undefined;
    const { delete: request } = settings;
    if (request === undefined) return;
    this.remove = async (ids) => await inTurn(ids, async (id) => await this.#remove(request, id));
  }

  async *users(matching: DestinationColumn): AsyncGenerator<readonly ApplicationUser[]> {
    const settings = this.#settings;
    const { list } = settings;
    if (list === undefined) return;
    const id = compilePointer(list.idPointer);
    const value = compilePointer(`/${matching.name.replaceAll('.', '/')}`);
    const read = compileRead(matching.type, matching.name);
    for await (const page of listUsers(this.#application, { settings, list, side: 'destination', from: null })) {
      yield page.map((user): ApplicationUser => {
        const externalId = readId(id(user));
        if (externalId instanceof ValueFailure)
          throw refused('destination', 'a user that the application lists has no identifier: check list.idPointer');
        const text = read(value(user) ?? null);
        // What is no value of the type matches nothing.
        return { externalId, matching: text === null || text instanceof ValueFailure ? null : String(text) };
      });
    }
  }

  async write(operation: ApplicationOperation, records: readonly OutgoingRecord[]): Promise<readonly RecordOutcome[]> {
    // Without a list of users there is one request for both, as webhooks have it, unless the settings know better.
    const request = this.#settings[operation] ?? (this.knowsUsers ? undefined : this.#settings.create);
    if (request === undefined)
      throw refused(
        'destination',
        `the settings of the connection do not say how to ${operation} users: set ${operation}`,
      );
    return await inTurn(records, async (record) => await this.#write(operation, request, record));
  }

  async close(): Promise<void> {
    await this.#application.client.close();
  }

  async #write(
    operation: ApplicationOperation,
    request: NonNullable<ApplicationSettings['create']>,
    record: OutgoingRecord,
  ) {
    const values = templateValues(this.#encoded(record.attributes));
    if (values instanceof ValueFailure) return rejected(values.message);
    const body = bodyOf(request.body, values);
    const answer = await this.#send(request, record.externalId ?? '', { body, key: record.idempotencyKey });
    return answer === null ? NOT_AN_ADDRESS : this.#outcome(answer, operation === 'create' ? null : record.externalId);
  }

  async #remove(request: WriteRequest, id: string): Promise<RecordOutcome> {
    const answer = await this.#send(request, id, {});
    if (answer === null) return NOT_AN_ADDRESS;
    // Whoever is not there any more need not be removed.
    return answer.status === 404 || answer.status === 410
      ? { kind: 'accepted', externalId: id }
      : this.#outcome(answer, id);
  }

  /** null: the identifier makes another path than the one that was meant. */
  async #send(
    { method, path }: WriteRequest,
    id: string,
    { body, key }: { readonly body?: string; readonly key?: string },
  ): Promise<ApplicationAnswer | null> {
    const { client, limit, headers } = this.#application;
    const { idempotencyHeader } = this.#settings;
    const url = userAddress(this.#settings, path, id);
    if (url === null) return null;
    const keyed =
      idempotencyHeader === undefined || key === undefined ? {} : { [idempotencyHeader.toLowerCase()]: key };
    const canRepeat = method === 'PUT' || method === 'DELETE' || Object.keys(keyed).length > 0;
    const label = `${method} ${path.split('?', 1)[0]}`;
    const call = { method: method as 'POST', url, label, limit, canRepeat, headers: { ...headers, ...keyed } };
    const answer = await client.send({ ...call, isAboutOne: true, ...(body === undefined ? {} : { body }) });
    this.#noteFailure(answer, url.host, label);
    return answer;
  }

  /** A record may be what an application fails at, but not one after the other. */
  #noteFailure({ status, isSuccess }: ApplicationAnswer, host: string, label: string): void {
    if (isSuccess) this.#failedInARow = 0;
    if (status < SERVER_ERRORS) return;
    this.#failedInARow += 1;
    if (this.#failedInARow < MAX_FAILED_IN_A_ROW) return;
    const count = `${this.#failedInARow} records one after the other`;
    throw unavailable('destination', `${host} fails at ${label} of ${count} (status ${status}): try again later`);
  }

  *#encoded(attributes: Readonly<Record<string, Value>>): Generator<readonly [string, string | ValueFailure]> {
    for (const [name, value] of Object.entries(attributes)) {
      const encode = this.#encoders.get(name);
      if (encode !== undefined) yield [name, encode(value)];
    }
  }

  #outcome(answer: ApplicationAnswer, externalId: string | null): RecordOutcome {
    const { status, isSuccess } = answer;
    if (!isSuccess) {
      const verb = status < SERVER_ERRORS ? 'refused' : 'failed at';
      return rejected(REASONS.get(status) ?? `the application ${verb} the record (status ${status})`);
    }
    const { createdIdPointer } = this.#settings;
    if (externalId !== null || createdIdPointer === undefined) return { kind: 'accepted', externalId };
    const id = readId(compilePointer(createdIdPointer)(answer.json()));
    return { kind: 'accepted', externalId: id instanceof ValueFailure ? null : id };
  }
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [404, 'the application does not know the user (status 404)'],
  [409, 'the application has a user already that the record conflicts with (status 409)'],
  [413, 'the record is too large for the application (status 413)'],
]);

/** An identifier must stay within its part of the path: `..` would be another address. */
function userAddress(settings: ApplicationSettings, path: string, id: string): URL | null {
  const named = path.includes('{id}');
  if (named && (id === '' || id === '.' || id === '..' || !id.isWellFormed())) return null;
  const filled = path.replaceAll('{id}', encodeURIComponent(id));
  const url = addressOf(settings, filled);
  const depth = (text: string): number => text.split('?', 1)[0]?.split('/').length ?? 0;
  return depth(url.pathname) === depth(addressOf(settings, path.replaceAll('{id}', 'x')).pathname) ? url : null;
}

function bodyOf(template: unknown, values: TemplateValues): string {
  return template === undefined ? allValues(values) : (fillTemplate(template, values) ?? 'null');
}

async function inTurn<T>(
  items: readonly T[],
  work: (item: T) => Promise<RecordOutcome>,
): Promise<readonly RecordOutcome[]> {
  const outcomes: RecordOutcome[] = [];
  for (const item of items) outcomes.push(await work(item));
  return outcomes;
}

function rejected(message: string): RecordOutcome {
  return { kind: 'rejected', message };
}
