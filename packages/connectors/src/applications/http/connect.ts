import { createHash } from 'node:crypto';
import type { ApplicationAccess, RateLimit } from '../application-access.js';
import { ApplicationClient, type Authorization, type ClientOptions } from '../application-client.js';
import { type ApplicationSide, refused } from '../application-errors.js';
import { fixedAuthorization, signed } from '../authorization.js';
import { type ClientCredentials, oauthAuthorization } from '../oauth-token.js';
import type { ApplicationSettings } from './settings.js';

/** An application that is asked by its settings. */
export interface HttpApplication {
  readonly client: ApplicationClient;
  readonly limit: RateLimit;
  /** Headers of the settings. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ConnectOptions {
  readonly side: ApplicationSide;
  readonly access: ApplicationAccess;
  readonly signal: AbortSignal;
}

/** Prepares requests; nothing is sent yet. Throws AppError `SourceRefused` or `DestinationRefused`. */
export function connectApplication(settings: ApplicationSettings, options: ConnectOptions): HttpApplication {
  checkEncrypted(settings, options);
  const limit = limitOf(settings);
  const clientOptions: ClientOptions = { ...options, authorization: authorizationOf(settings, oauth) };
  const client = new ApplicationClient(clientOptions);
  function oauth(credentials: ClientCredentials): Authorization {
    const send: ApplicationClient['sendAs'] = async (call, headers) => await client.sendAs(call, headers);
    return oauthAuthorization(credentials, { side: options.side, limit, send });
  }
  return {
    client,
    limit,
    headers: Object.fromEntries(settings.headers.map(({ key, value }) => [key.toLowerCase(), value])),
  };
}

/** The address of a path; what follows a question mark stays. */
export function addressOf({ baseUrl }: ApplicationSettings, path: string): URL {
  return new URL(`${baseUrl.replace(/\/+$/, '')}${path}`);
}

function authorizationOf(
  settings: ApplicationSettings,
  oauth: (credentials: ClientCredentials) => Authorization,
): Authorization {
  const { signingSecret, signatureHeader } = settings;
  const plain = unsigned(settings, oauth);
  return signingSecret === undefined ? plain : signed(plain, { secret: signingSecret, header: signatureHeader });
}

function unsigned(
  settings: ApplicationSettings,
  oauth: (credentials: ClientCredentials) => Authorization,
): Authorization {
  const {
    auth,
    token,
    username,
    password,
    oauthUrl: tokenUrl = '',
    clientId = '',
    clientSecret = '',
    scope,
  } = settings;
  switch (auth) {
    case 'none':
      return fixedAuthorization({}, 'auth and headers');
    case 'bearer':
      return fixedAuthorization({ authorization: `Bearer ${token}` }, 'token');
    case 'basic': {
      const credentials = Buffer.from(`${username}:${password}`).toString('base64');
      return fixedAuthorization({ authorization: `Basic ${credentials}` }, 'username and password');
    }
    case 'oauth':
      return oauth({ tokenUrl, clientId, clientSecret, scope });
  }
}

/** Whoever has the same account at the same address shares its rate. */
function limitOf(settings: ApplicationSettings): RateLimit {
  const { baseUrl, auth, token, username, clientId, headers } = settings;
  const account = JSON.stringify([new URL(baseUrl).origin, auth, token, username, clientId, headers]);
  const hash = createHash('sha256').update(account).digest('hex').slice(0, 24);
  return { name: `http-application:${hash}`, perSecond: settings.requestsPerSecond, burst: settings.burst };
}

/** Where private networks are allowed, an application may be inside of one, without a certificate. */
function checkEncrypted({ baseUrl, oauthUrl }: ApplicationSettings, { side, access }: ConnectOptions): void {
  for (const [name, address] of Object.entries({ baseUrl, oauthUrl })) {
    if (address === undefined || new URL(address).protocol === 'https:' || access.allowPrivateNetworks) continue;
    throw refused(side, `${name} must begin with https://, so that nobody can read along`);
  }
}
