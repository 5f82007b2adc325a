import { createHash } from 'node:crypto';
import type { ApplicationAccess, RateLimit } from '../application-access.js';
import { type ApplicationAnswer, type ApplicationCall, ApplicationClient } from '../application-client.js';
import { type ApplicationSide, refused, unavailable } from '../application-errors.js';
import { fixedAuthorization } from '../authorization.js';
import { compilePointer } from '../json-pointer.js';
import { MAX_ASKED_WAIT_MS } from '../retry-decision.js';
import type { HubSpotSettings } from './settings.js';

export interface ApiOptions {
  readonly side: ApplicationSide;
  readonly access: ApplicationAccess;
  readonly signal: AbortSignal;
}

export interface ApiCall {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly canRepeat: boolean;
}

/** A private app has 110 requests in 10 seconds: 10 at once, and 10 a second. Searches have a limit of their own, 5 a second. */
const RATES = {
  requests: { perSecond: 10, burst: 10 },
  search: { perSecond: 4, burst: 1 },
} as const;

const INTERVAL_HEADER = 'x-hubspot-ratelimit-interval-milliseconds';
/** How long a limit without a header lasts, by the name that HubSpot gives it. */
const INTERVALS_MS: ReadonlyMap<unknown, number> = new Map([
  ['TEN_SECONDLY_ROLLING', 10_000],
  ['SECONDLY', 1_000],
  // The day may have just begun.
  ['DAILY', MAX_ASKED_WAIT_MS + 1],
]);

/** Locked by many requests at once, and moved to another data centre: it passes. */
const PASSING: ReadonlySet<number> = new Set([423, 477]);

const policyOf = compilePointer('/policyName');

/** The API of HubSpot for one account. */
export class HubSpotApi {
  readonly #client: ApplicationClient;
  readonly #options: ApiOptions;
  readonly #baseUrl: string;
  readonly #account: string;

  /** Throws AppError `SourceRefused` or `DestinationRefused`. */
  constructor({ baseUrl, accessToken }: HubSpotSettings, options: ApiOptions) {
    if (baseUrl.startsWith('http:') && !options.access.allowPrivateNetworks) {
      throw refused(options.side, 'baseUrl must begin with https://, so that nobody can read along');
    }
    this.#baseUrl = baseUrl;
    this.#options = options;
    this.#account = createHash('sha256').update(`${baseUrl} ${accessToken}`).digest('hex').slice(0, 24);
    const authorization = fixedAuthorization(
      { authorization: `Bearer ${accessToken}` },
      'accessToken and the scopes of its private app',
    );
    this.#client = new ApplicationClient({ ...options, authorization, askedWaitMs });
  }

  get side(): ApplicationSide {
    return this.#options.side;
  }

  /** Throws AppErrors of the side; answers of 4xx are answers. */
  async send({ method, path, body, canRepeat }: ApiCall): Promise<ApplicationAnswer> {
    const kind = path.endsWith('/search') ? 'search' : 'requests';
    const limit: RateLimit = { name: `hubspot:${this.#account}:${kind}`, ...RATES[kind] };
    const url = new URL(`${this.#baseUrl}${path}`);
    const call: ApplicationCall = { method, url, label: `${method} ${url.pathname}`, limit, canRepeat };
    const answer = await this.#client.send(body === undefined ? call : { ...call, body: JSON.stringify(body) });
    if (!PASSING.has(answer.status)) return answer;
    throw unavailable(
      this.side,
      `HubSpot cannot answer ${call.label} at the moment (status ${answer.status}): try again later`,
    );
  }

  /** The JSON of an answer that has to be one of success. */
  async read(call: ApiCall): Promise<unknown> {
    const answer = await this.send(call);
    const [path] = call.path.split('?', 1);
    if (!answer.isSuccess) throw refused(this.side, `HubSpot refused ${call.method} ${path} (status ${answer.status})`);
    const json = answer.json();
    if (json === undefined)
      throw unavailable(this.side, `HubSpot answered ${call.method} ${path} with something that is no JSON`);
    return json;
  }

  /** Idempotent, never throws. */
  async close(): Promise<void> {
    await this.#client.close();
  }
}

/** HubSpot says of a limit which one it is, and mostly how long it lasts. */
function askedWaitMs(answer: Pick<ApplicationAnswer, 'header' | 'json'>): number | null {
  if (answer.header('retry-after') !== null) return null;
  const policy = policyOf(answer.json());
  if (!INTERVALS_MS.has(policy)) return null;
  const interval = Number(answer.header(INTERVAL_HEADER) ?? Number.NaN);
  return policy !== 'DAILY' && interval > 0 ? interval : (INTERVALS_MS.get(policy) ?? null);
}
