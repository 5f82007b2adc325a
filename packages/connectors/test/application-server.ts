import { type JsonAnswer, type JsonRequest, type JsonServer, startJsonServer } from './json-server.js';

export interface StoredUser {
  readonly id: string;
  readonly [name: string]: unknown;
}

export interface ApplicationServer extends JsonServer {
  readonly users: Map<string, StoredUser>;
  /** Tokens that were given out, of which only the last one is good. */
  readonly tokens: readonly string[];
  revoke(): void;
}

export interface ServerOptions {
  /** The path and query that leads to the next page of some. */
  readonly pageSize?: number;
  readonly authorization?: string;
  readonly tokenLifeS?: number;
}

/** An application with users behind `/users`, which knows requests that it had by the header Idempotency-Key, and gives tokens at `/token`. */
export async function startApplicationServer(options: ServerOptions = {}): Promise<ApplicationServer> {
  const { pageSize = 3 } = options;
  const users = new Map<string, StoredUser>();
  const done = new Map<string, JsonAnswer>();
  const tokens: string[] = [];
  let good: string | null = null;
  const write = (request: JsonRequest, work: () => JsonAnswer): JsonAnswer => {
    const key = request.headers['idempotency-key'];
    const known = typeof key === 'string' ? done.get(key) : undefined;
    if (known !== undefined) return known;
    const answer = work();
    if (typeof key === 'string') done.set(key, answer);
    return answer;
  };
  const handle = (request: JsonRequest): JsonAnswer => {
    const { method, url, headers, text } = request;
    if (url.pathname === '/token') {
      good = `token-${tokens.length + 1}`;
      tokens.push(good);
      return {
        status: 200,
        body: { access_token: good, token_type: 'Bearer', expires_in: options.tokenLifeS ?? 3_600 },
      };
    }
    const wanted = good === null ? options.authorization : `Bearer ${good}`;
    if (wanted !== undefined && headers.authorization !== wanted)
      return { status: 401, body: { error: 'secret words' } };
    const id = decodeURIComponent(url.pathname.slice('/users/'.length));
    if (method === 'GET') return listPage(users, url, pageSize);
    if (method === 'POST' && url.pathname === '/users') {
      return write(request, () => {
        const created = { ...(JSON.parse(text) as object), id: String(users.size + 1) };
        if ('email' in created && created.email === 'bad') return { status: 422, body: { error: `bad is no email` } };
        users.set(created.id, created);
        return { status: 201, body: { data: { id: Number(created.id) } } };
      });
    }
    const user = users.get(id);
    if (user === undefined) return { status: 404, body: {} };
    if (method === 'DELETE') users.delete(id);
    else users.set(id, { ...user, ...(JSON.parse(text) as object), id });
    return { status: 200, body: {} };
  };
  const server = await startJsonServer(handle);
  const revoke = (): void => {
    good = 'none that anybody has';
  };
  return { ...server, users, tokens, revoke };
}

/** A page from a cursor, or of a number, in an object with all that the ways of paging need. */
function listPage(users: ReadonlyMap<string, StoredUser>, url: URL, size: number): JsonAnswer {
  const since = url.searchParams.get('since');
  const all = [...users.values()].filter(({ updated }) => since === null || String(updated) >= since);
  const number = url.searchParams.get('page');
  const start = number === null ? Number(url.searchParams.get('cursor') ?? 0) : (Number(number) - 1) * size;
  const next = start + size < all.length ? start + size : null;
  const link = next === null ? '' : `</users?cursor=${start}>; rel="prev", </users?cursor=${next}>; rel="next"`;
  return { status: 200, headers: { link }, body: { users: all.slice(start, start + size), next } };
}
