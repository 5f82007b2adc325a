import type { ReadFrom } from '@penstock/engine';
import type { ApplicationAnswer } from '../application-client.js';
import { type ApplicationSide, refused } from '../application-errors.js';
import { compilePointer } from '../json-pointer.js';
import { SeenPages } from '../seen-pages.js';
import { addressOf, type HttpApplication } from './connect.js';
import type { ListSettings } from './list-settings.js';
import type { ApplicationSettings } from './settings.js';

/** Pages without a user that may follow each other. */
const MAX_EMPTY_PAGES = 1_000;

export interface ListRequest {
  readonly settings: ApplicationSettings;
  readonly list: ListSettings;
  readonly side: ApplicationSide;
  readonly from: ReadFrom | null;
}

/** Where the next page is; null: there is none. */
type NextPage = (answer: ApplicationAnswer, page: { readonly url: URL; readonly count: number }) => URL | null;

/**
 * The users of an application as it delivers them, page by page. Throws AppErrors of the side when a page is not what was asked for, and when
 * the same page, or the same way to the next one, comes twice.
 */
export async function* listUsers(
  application: HttpApplication,
  request: ListRequest,
): AsyncGenerator<readonly unknown[]> {
  const { list, side } = request;
  const seen = new SeenPages();
  const next = nextPage(request);
  let empty = 0;
  for (let url: URL | null = firstPage(request); url !== null; ) {
    if (!seen.isNew(`address ${url.href}`)) throw goesRound(side, url);
    const { answer, users } = await fetchPage(application, request, url);
    empty = users.length === 0 ? empty + 1 : 0;
    if (empty > MAX_EMPTY_PAGES)
      throw refused(side, `${url.host} delivers one page without users after another: check list.paging`);
    // A server that does not know the parameter delivers the first page for ever.
    if (users.length > 0 && list.paging !== 'none' && !seen.isNew(`users ${JSON.stringify(users, textOfNumbers)}`)) {
      throw goesRound(side, url);
    }
    yield users;
    url = next(answer, { url, count: users.length });
  }
}

/** One page, which must have an array of users. */
export async function fetchPage(
  { client, limit, headers }: HttpApplication,
  { list, side }: Pick<ListRequest, 'list' | 'side'>,
  url: URL,
): Promise<{ readonly answer: ApplicationAnswer; readonly users: readonly unknown[] }> {
  const label = `GET ${list.path.split('?', 1)[0]}`;
  const answer = await client.send({ method: 'GET', url, label, limit, headers, canRepeat: true });
  if (!answer.isSuccess)
    throw refused(side, `${url.host} answered ${label} with status ${answer.status}: check list.path`);
  const json = answer.json();
  if (json === undefined) throw refused(side, `${url.host} answered ${label} with something that is no JSON`);
  const users = compilePointer(list.usersPointer)(json);
  if (!Array.isArray(users)) {
    throw refused(
      side,
      `the answer of ${url.host} to ${label} has no array of users at "${list.usersPointer}": check list.usersPointer`,
    );
  }
  return { answer, users };
}

export function firstPage({ settings, list, from }: ListRequest): URL {
  const url = addressOf(settings, list.path);
  const { updatedAfterParameter, paging, parameter, firstPage: number } = list;
  if (from !== null && updatedAfterParameter !== undefined) url.searchParams.set(updatedAfterParameter, isoTime(from));
  if (paging === 'page' && parameter !== undefined) url.searchParams.set(parameter, String(number));
  return url;
}

function nextPage(request: ListRequest): NextPage {
  const { list, side } = request;
  const { parameter = '', cursorPointer = '' } = list;
  switch (list.paging) {
    case 'none':
      return () => null;
    case 'cursor': {
      const read = compilePointer(cursorPointer);
      return (answer, { url }) => withCursor(read(answer.json()), { url, parameter, side });
    }
    case 'page':
      return (_, { url, count }) => (count === 0 ? null : withNextNumber(url, parameter));
    case 'link':
      return (answer, { url }) => linkedPage(answer.header('link'), url, side);
  }
}

function withCursor(
  cursor: unknown,
  { url, parameter, side }: { readonly url: URL; readonly parameter: string; readonly side: ApplicationSide },
): URL | null {
  if (cursor === undefined || cursor === null || cursor === '' || cursor === false) return null;
  if (!['string', 'number', 'bigint'].includes(typeof cursor)) {
    throw refused(
      side,
      `${url.host} has something else than a text or a number as its cursor: check list.cursorPointer`,
    );
  }
  const next = new URL(url);
  next.searchParams.set(parameter, String(cursor));
  return next;
}

function withNextNumber(url: URL, parameter: string): URL {
  const next = new URL(url);
  next.searchParams.set(parameter, String(Number(url.searchParams.get(parameter)) + 1));
  return next;
}

/** The page that a header Link calls next (RFC 8288). It must be of the same server: credentials go there. */
function linkedPage(header: string | null, url: URL, side: ApplicationSide): URL | null {
  for (const [, target = '', parameters = ''] of (header ?? '').matchAll(/<([^<>]{0,8000})>([^<]{0,8000})/g)) {
    if (!/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)/i.test(parameters)) continue;
    const next = URL.canParse(target, url.href) ? new URL(target, url) : null;
    if (next?.origin === url.origin) return next;
    throw refused(side, `${url.host} has its next page at another server, which is not asked: check baseUrl`);
  }
  return null;
}

function goesRound(side: ApplicationSide, { host }: URL): Error {
  return refused(
    side,
    `${host} delivers the same page of users again and again: check list.paging, cursorPointer and parameter`,
  );
}

function isoTime({ updatedAt }: ReadFrom): string {
  const [date = '', time = '00:00:00'] = updatedAt.split(' ');
  return `${date}T${time}Z`;
}

function textOfNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
