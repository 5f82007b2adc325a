import type { ErrorCode } from '@penstock/domain';
import { explainIssue, refuse, violationsOf } from '@penstock/shared/contracts';
import type { IdempotencyClaim } from '@penstock/shared/repositories';
import type { z } from 'zod';
import type { ApiDependencies } from '../dependencies.js';
import type { Principal, Scope } from './authenticate.js';

export type Method = 'get' | 'post' | 'put' | 'delete';

/** A request before its parts are parsed. */
export interface Unparsed {
  readonly deps: ApiDependencies;
  readonly principal: Principal | undefined;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly idempotency: IdempotencyClaim | undefined;
  /** Whether the client wants lines of JSON, where a route has them. */
  readonly wantsLines: boolean;
  /** Aborts when the client goes away, and when an answer takes too long. */
  readonly signal: () => AbortSignal;
}

/** What a handler gets. */
export interface RouteRequest<S extends Scope, P, Q, B>
  extends Omit<Unparsed, 'params' | 'query' | 'body' | 'principal'> {
  readonly principal: S extends 'public' ? undefined : Principal;
  readonly workspace: S extends 'workspace' ? number : number | null;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

interface RouteOptions<
  S extends Scope,
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
> {
  readonly method: Method;
  /** In Express's form: `/v1/pipelines/:id`. */
  readonly path: string;
  readonly scope: S;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** A missing body counts as `{}`. */
  readonly bodyOptional?: boolean;
  /** The use case parses the body itself, because its rules go beyond a schema; `body` then only documents it. */
  readonly bodyUnparsed?: boolean;
  /** Keeps the answer for an Idempotency-Key: for requests that create something. */
  readonly idempotent?: boolean;
  /** null answers 204. */
  readonly response: R | null;
  /** One line of the same answer as NDJSON, where there is one. */
  readonly line?: z.ZodType;
  /** What it can be refused with, besides what every route can. */
  readonly errors?: readonly ErrorCode[];
  readonly handler: (
    request: RouteRequest<S, z.output<P>, z.output<Q>, z.output<B>>,
  ) => Promise<z.input<R> | JsonStream | undefined>;
}

/** An endpoint, for the router and for the OpenAPI document alike. */
export interface Route extends Omit<RouteOptions<Scope, z.ZodType, z.ZodType, z.ZodType, z.ZodType>, 'handler'> {
  /** Parses the parts of a request and refuses all that is wrong with them; what it returns does the work. */
  prepare(request: Unparsed): () => Promise<unknown>;
}

/** An answer too large to be held: chunks of JSON text, or lines of it for a file of the given name. */
export class JsonStream {
  readonly chunks: AsyncIterable<string>;
  readonly linesOf: string | undefined;

  constructor(chunks: AsyncIterable<string>, linesOf?: string) {
    this.chunks = chunks;
    this.linesOf = linesOf;
  }
}

export function defineRoute<
  S extends Scope,
  P extends z.ZodType = z.ZodUnknown,
  Q extends z.ZodType = z.ZodUnknown,
  B extends z.ZodType = z.ZodUnknown,
  R extends z.ZodType = z.ZodUndefined,
>({ handler, ...options }: RouteOptions<S, P, Q, B, R>): Route {
  const bodySchema = options.bodyUnparsed ? undefined : options.body;
  return {
    ...options,
    prepare: (request) => {
      const parts = parseParts([
        ['params', options.params, request.params],
        ['query', options.query, request.query],
        ['body', bodySchema, request.body],
      ]);
      const { deps, principal, idempotency, wantsLines, signal } = request;
      const workspace = principal?.workspace ?? null;
      const parsed = { deps, principal, workspace, idempotency, wantsLines, signal, ...parts };
      return () => handler(parsed as unknown as Parameters<typeof handler>[0]);
    },
  };
}

type Part = readonly [name: 'params' | 'query' | 'body', schema: z.ZodType | undefined, value: unknown];

/** @throws AppError BadRequest with the violations of all parts. */
function parseParts(parts: readonly Part[]): Record<Part[0], unknown> {
  const parsed: Record<Part[0], unknown> = { params: undefined, query: undefined, body: undefined };
  const violations = [];
  for (const [name, schema, value] of parts) {
    const result = schema?.safeParse(value, { error: explainIssue });
    if (result === undefined || result.success) parsed[name] = result === undefined ? value : result.data;
    else violations.push(...violationsOf(result.error, name));
  }
  if (violations.length > 0) throw refuse(violations);
  return parsed;
}
