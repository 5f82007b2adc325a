import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@penstock/domain';
import type { Dispatcher } from 'undici';
import { parseRetryAfter } from '../http/status-error.js';
import type { ApplicationAccess, RateLimit } from './application-access.js';
import { type ApplicationSide, forSide, refused, unavailable } from './application-errors.js';
import { HttpTransfer, NeverSentError, type WireAnswer, type WireRequest } from './http-transfer.js';
import { parseExactJson, TooManyValues } from './parse-exact-json.js';
import { decideRetry, RETRY_TIMINGS, type TryResult } from './retry-decision.js';

/** A request to an application. */
export interface ApplicationCall {
  readonly method: Dispatcher.HttpMethod;
  readonly url: URL;
  /** What messages call it, without anything of a record: `PUT /users/{id}`. */
  readonly label: string;
  readonly limit: RateLimit;
  /** Whether it changes nothing when it is sent twice. */
  readonly canRepeat: boolean;
  /** Whether it is about a single record: a status of 5xx that stays is an answer then, as it may be the record's fault. */
  readonly isAboutOne?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text, unless the headers say something else. */
  readonly body?: string;
}

/** An answer with a status of 2xx, or of 4xx, and of 5xx about a single record, that is about what was asked. */
export interface ApplicationAnswer {
  readonly status: number;
  readonly isSuccess: boolean;
  /** One that comes several times is a list. */
  header(name: string): string | null;
  /** The JSON of the body, with numbers as they are; undefined when it is none. Throws AppError of the side when it is too much. */
  json(): unknown;
}

/** What is authorized. */
export interface AuthorizedRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

/** Who requests are made as. */
export interface Authorization {
  /** Headers for a request. `isFresh`: those of before were refused. null: there are no others. */
  headers(request: AuthorizedRequest, isFresh: boolean): Promise<Readonly<Record<string, string>> | null>;
  /** Which settings to look at when they are refused. */
  readonly settings: string;
}

export interface ClientOptions {
  readonly side: ApplicationSide;
  readonly access: ApplicationAccess;
  readonly authorization: Authorization;
  readonly signal: AbortSignal;
  /** What an application says in its own way of how long it wants to be left alone; null where it does not. */
  readonly askedWaitMs?: (answer: Pick<ApplicationAnswer, 'header' | 'json'>) => number | null;
}

type Headers = Readonly<Record<string, string>>;

const NOT_AUTHORIZED = 401;
const FORBIDDEN = 403;
const TOO_MANY = 429;
const SERVER_ERRORS = 500;
const SECOND_MS = 1_000;

/**
 * Asks an application, as often and as long as it is worth it, and at the rate that it allows. What it throws has no body, token or query in
 * it: AppErrors of its side, or the reason of the signal.
 */
export class ApplicationClient {
  readonly #options: ClientOptions;
  readonly #transfer: HttpTransfer;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#transfer = new HttpTransfer(options.access.allowPrivateNetworks);
  }

  /** Sends a call with the client's authorization, and once more with a fresh one where that is refused and there is one. */
  async send(call: ApplicationCall): Promise<ApplicationAnswer> {
    const { authorization, side } = this.#options;
    const request: AuthorizedRequest = { method: call.method, url: call.url, body: call.body ?? '' };
    const headers = async (): Promise<Headers> => (await authorization.headers(request, false)) ?? {};
    let answer = await this.#attempt(call, headers);
    if (answer.status === NOT_AUTHORIZED && (await authorization.headers(request, true)) !== null) {
      answer = await this.#attempt(call, headers);
    }
    if (answer.status === NOT_AUTHORIZED || answer.status === FORBIDDEN)
      throw notAllowed(side, call, { status: answer.status, authorization });
    return answer;
  }

  /** Sends a call with other headers in the place of the authorization. Answers of 401 and 403 are answers. */
  async sendAs(call: ApplicationCall, headers: Headers): Promise<ApplicationAnswer> {
    return await this.#attempt(call, async () => headers);
  }

  /** Idempotent, never throws. */
  async close(): Promise<void> {
    await this.#transfer.close();
  }

  async #attempt(call: ApplicationCall, headersOf: () => Promise<Headers>): Promise<ApplicationAnswer> {
    const { access, signal } = this.#options;
    let spentMs = 0;
    let waitedMs = 0;
    for (let tries = 1; ; tries += 1) {
      waitedMs += await this.#awaitTurn(call);
      const startedAt = performance.now();
      // Only now: a signature has the time in it, and a token may have ended meanwhile.
      const outcome = await this.#try(wireRequest(call, await headersOf()));
      spentMs += performance.now() - startedAt;
      const situation = { tries, spentMs, waitedMs, canRepeat: call.canRepeat, random: Math.random() };
      const decision = decideRetry(outcome.result, situation, RETRY_TIMINGS);
      if (decision.action === 'done' && 'answer' in outcome) return this.#checked(call, outcome.answer);
      if (decision.action === 'wait') {
        await sleep(decision.waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
        spentMs += decision.waitMs;
        continue;
      }
      const pauseMs = 'pauseMs' in decision ? decision.pauseMs : 0;
      if (pauseMs > 0) await access.limits.pause(call.limit, pauseMs);
      if (decision.action === 'pause') continue;
      if (isOwnFailure(call, outcome, pauseMs)) return outcome.answer;
      throw this.#failure(call, outcome, pauseMs);
    }
  }

  /** For how many milliseconds others had their turn. */
  async #awaitTurn({ limit }: ApplicationCall): Promise<number> {
    const { access, signal } = this.#options;
    const startedAt = performance.now();
    try {
      await access.limits.take(limit, signal);
    } catch (error) {
      throw this.#own(error);
    }
    return performance.now() - startedAt;
  }

  async #try(request: WireRequest): Promise<Outcome> {
    try {
      const answer = readable(await this.#transfer.send(request, this.#options.signal), {
        host: request.url.host,
        side: this.#options.side,
      });
      const { status } = answer;
      return { result: { kind: 'answer', status, askedWaitMs: this.#askedWaitMs(answer) }, answer };
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'SourceUnavailable') throw this.#own(error);
      return { result: { kind: error instanceof NeverSentError ? 'never sent' : 'lost' }, error };
    }
  }

  #askedWaitMs(answer: ApplicationAnswer): number | null {
    if (answer.isSuccess) return null;
    return this.#options.askedWaitMs?.(answer) ?? parseRetryAfter(answer.header('retry-after'));
  }

  #own(error: unknown): unknown {
    return error instanceof AppError ? forSide(this.#options.side, error) : error;
  }

  #failure({ url, label }: ApplicationCall, outcome: Outcome, pauseMs: number): unknown {
    if ('error' in outcome) return this.#own(outcome.error);
    const { status } = outcome.answer;
    const { side } = this.#options;
    const asked = pauseMs === 0 ? '' : `, and asks to be left alone for ${Math.ceil(pauseMs / SECOND_MS)} seconds`;
    if (status === TOO_MANY)
      return unavailable(side, `${url.host} gets too many requests (status 429)${asked}: try again later`);
    const message = `${url.host} cannot answer ${label} at the moment (status ${status})${asked}: try again later`;
    return unavailable(side, message);
  }

  #checked({ url, label, isAboutOne }: ApplicationCall, answer: ApplicationAnswer): ApplicationAnswer {
    const { status } = answer;
    if (status >= 200 && status < 300) return answer;
    const { side } = this.#options;
    if (status >= 300 && status < 400) {
      throw refused(
        side,
        `${url.host} answers ${label} with a redirect (status ${status}), which is not followed: check the address`,
      );
    }
    if (status >= 400 && (status < SERVER_ERRORS || isAboutOne === true)) return answer;
    throw unavailable(side, `${url.host} answered ${label} with status ${status}: try again later`);
  }
}

type Outcome =
  | { readonly result: TryResult; readonly answer: ApplicationAnswer }
  | { readonly result: TryResult; readonly error: AppError };

/** Whether the application fails at this one request, as far as one can tell: it answers, and does not ask everybody to wait. */
function isOwnFailure(
  { isAboutOne }: ApplicationCall,
  outcome: Outcome,
  pauseMs: number,
): outcome is Extract<Outcome, { readonly answer: ApplicationAnswer }> {
  return isAboutOne === true && pauseMs === 0 && 'answer' in outcome && outcome.answer.status >= SERVER_ERRORS;
}

function wireRequest(call: ApplicationCall, authorization: Headers): WireRequest {
  const { method, url, canRepeat, body = null } = call;
  const type = body === null ? {} : { 'content-type': 'application/json' };
  const headers = { accept: 'application/json', ...type, ...authorization, ...call.headers };
  return { method, url, headers, body, canRepeat };
}

function readable(
  { status, headers, body }: WireAnswer,
  { host, side }: { readonly host: string; readonly side: ApplicationSide },
): ApplicationAnswer {
  let parsed: { readonly json: unknown } | undefined;
  return {
    status,
    isSuccess: status >= 200 && status < 300,
    header: (name) => {
      const value = headers[name];
      return (Array.isArray(value) ? value.join(', ') : value) ?? null;
    },
    json: () => {
      const json = parsed === undefined ? parseExactJson(body) : parsed.json;
      if (json instanceof TooManyValues)
        throw refused(side, `${host} sent an answer with ${json.message}: ask for smaller pages`);
      parsed = { json };
      return json;
    },
  };
}

function notAllowed(
  side: ApplicationSide,
  { url, label }: ApplicationCall,
  { status, authorization }: { readonly status: number; readonly authorization: Authorization },
): AppError {
  const message = `${url.host} does not allow ${label} (status ${status}): check ${authorization.settings}, and what they may do there`;
  return refused(side, message);
}
