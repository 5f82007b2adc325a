import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError, hashApiKey, isApiKey, parseEntityId } from '@penstock/domain';
import type { ApiKeyLookup } from './api-key-lookup.js';

/**
 * Who may call a route: anybody (`public`), any key (`key`), a key together with the workspace it works on (`workspace`), an
 * admin key (`admin`).
 */
export type Scope = 'public' | 'key' | 'workspace' | 'admin';

/** Whoever holds the API key of a request. */
export interface Principal {
  readonly key: number;
  readonly admin: boolean;
  /** The workspace that the key is bound to or that the header selects; null when neither names one. */
  readonly workspace: number | null;
  /** Whether that workspace exists and is not deleted. */
  readonly workspaceExists: boolean;
}

const BEARER = /^Bearer[ \t]+(\S+)[ \t]*$/i;

/**
 * Finds out who asks, in one statement: this runs before every request.
 * @throws AppError Unauthorized, Forbidden, BadRequest
 */
export async function authenticate(keys: ApiKeyLookup, request: IncomingMessage, scope: Scope): Promise<Principal> {
  refuseTwoKeys(request);
  const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
  return identify(keys, key, { scope, workspace: workspaceHeader(request, scope) });
}

/** As {@link authenticate}, for a key that came by another way than the Authorization header. */
export async function identify(
  keys: ApiKeyLookup,
  key: string | undefined,
  { scope, workspace }: { readonly scope: Scope; readonly workspace: string | undefined },
): Promise<Principal> {
  if (key === undefined || !isApiKey(key)) throw new AppError('Unauthorized');
  const hash = hashApiKey(key);
  const selected = workspace === undefined ? undefined : parseEntityId(workspace);
  const found = await keys.find(hash, selected ?? null);
  if (found === undefined || !timingSafeEqual(found.hash, hash)) throw new AppError('Unauthorized');
  if (scope === 'admin' && found.workspace !== null) {
    throw new AppError('Forbidden', { message: 'this needs an admin key; the API key is bound to a workspace' });
  }
  if (workspace !== undefined) checkSelection(found.workspace, selected);
  if (scope === 'workspace' && found.selected === null)
    throw badHeader('header X-Workspace is required with an admin key');
  return {
    key: found.id,
    admin: found.workspace === null,
    workspace: found.selected,
    workspaceExists: found.selectedExists,
  };
}

/** The header matters only where a workspace is worked on: a client may send it always. Given twice it is no id. */
function workspaceHeader({ headers }: IncomingMessage, scope: Scope): string | undefined {
  return scope === 'admin' ? undefined : (headers['x-workspace'] as string | undefined);
}

function checkSelection(bound: number | null, selected: number | undefined): void {
  if (bound !== null) throw badHeader('header X-Workspace is not allowed with a key that is bound to a workspace');
  if (selected === undefined) throw badHeader('header X-Workspace must be the id of a workspace');
}

/** Node keeps the first of several Authorization headers; which one is meant, is anybody's guess. */
function refuseTwoKeys({ rawHeaders }: IncomingMessage): void {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === 'authorization') seen++;
  if (seen > 1) throw badHeader('header Authorization is given twice');
}

function badHeader(message: string): AppError {
  return new AppError('BadRequest', { message });
}
