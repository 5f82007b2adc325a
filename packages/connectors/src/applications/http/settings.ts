import { parseSchema, SchemaError } from '@penstock/language';
import { z } from 'zod';
import { headerName, requestHeader } from '../../http/settings.js';
import { SECRET, settingText } from '../../settings.js';
import { isBodyTemplate, placeholdersOf } from './body-template.js';
import { listSettings, pathTemplate } from './list-settings.js';

const MAX_HEADERS = 50;

const VISIBLE = /^[\x21-\x7e]*$/;
const visibleText = (maxBytes: number) =>
  settingText(maxBytes).regex(VISIBLE, 'must be visible ASCII characters without blanks');

const address = (description: string) =>
  settingText(2_000)
    .refine(isAddress, 'must be an https:// address without user, query and fragment')
    .meta({ description });

const PATH = 'Path below baseUrl; {id} stands for the identifier of the user.';
const BODY =
  'Body as JSON, in which "{{email}}" stands for the value of the property email and "{{*}}" for an object with all values; ' +
  'within other text, values are put as text. Without it, the object with all values.';

/** Requests that write a user. */
const writeRequest = (methods: [string, ...string[]], usual: string) =>
  z
    .strictObject({
      method: z.enum(methods).default(usual).meta({ description: 'Method of the request.' }),
      path: pathTemplate.meta({ description: PATH }),
      body: z
        .unknown()
        .refine(isBodyTemplate, 'has a placeholder that is none, or is too deep')
        .optional()
        .meta({ description: BODY }),
    })
    .optional();

const deleteRequest = z
  .strictObject({
    method: z.enum(['DELETE', 'POST']).default('DELETE').meta({ description: 'Method of the request.' }),
    path: pathTemplate.meta({ description: PATH }),
  })
  .optional();

export const applicationSettings = z
  .strictObject({
    baseUrl: address('Address that all paths are below, such as https://api.example.com/v2.'),
    headers: z
      .array(requestHeader)
      .max(MAX_HEADERS)
      .default([])
      .meta({ description: 'Headers to send with every request.', ...SECRET }),
    auth: z.enum(['none', 'bearer', 'basic', 'oauth']).default('none').meta({
      description:
        'none, bearer: token in the header Authorization, basic: username and password, oauth: client credentials of OAuth 2.0.',
    }),
    token: visibleText(4_096)
      .optional()
      .meta({ description: 'Token of bearer.', ...SECRET }),
    username: settingText(255)
      .refine((name) => !name.includes(':'), 'must not contain a colon')
      .optional()
      .meta({ description: 'User of basic.' }),
    password: settingText(255)
      .optional()
      .meta({ description: 'Password of basic.', ...SECRET }),
    oauthUrl: address('Where oauth gets its tokens.').optional(),
    clientId: settingText(1_000).optional().meta({ description: 'Client of oauth.' }),
    clientSecret: settingText(1_000)
      .optional()
      .meta({ description: 'Secret of the client of oauth.', ...SECRET }),
    scope: settingText(1_000).optional().meta({ description: 'Scope that oauth asks for.' }),
    signingSecret: settingText(1_000)
      .optional()
      .meta({
        description:
          'Signs every request: t=SECONDS,v1=SIGNATURE, with the HMAC-SHA256 of SECONDS.METHOD./PATH?QUERY.BODY in hexadecimal digits.',
        ...SECRET,
      }),
    signatureHeader: headerName
      .default('X-Penstock-Signature')
      .meta({ description: 'Header that the signature is in.' }),
    requestsPerSecond: z
      .number()
      .min(0.01)
      .max(1_000)
      .default(10)
      .meta({ description: 'Requests a second that the application allows, for all pipelines together.' }),
    burst: z.int().min(1).max(1_000).default(10).meta({ description: 'Requests that the application allows at once.' }),
    concurrency: z
      .int()
      .min(1)
      .max(8)
      .default(4)
      .meta({ description: 'Writing requests that are under way at the same time.' }),
    schema: z
      .unknown()
      .refine(isSchema, 'must be a schema of users: {"kind": "object", "properties": [...]}')
      .meta({ description: 'Schema of the users: the properties that they have, as in the inSchema of a pipeline.' }),
    list: listSettings,
    create: writeRequest(['POST', 'PUT'], 'POST').meta({
      description: 'Request that creates a user: method, path, body.',
    }),
    update: writeRequest(['PATCH', 'PUT', 'POST'], 'PATCH').meta({
      description:
        'Request that updates a user: method, path with {id}, body. Without it and without list, create is sent for both.',
    }),
    delete: deleteRequest.meta({ description: 'Request that removes a user: method, path with {id}.' }),
    createdIdPointer: z
      .string()
      .max(1_000)
      .startsWith('/', 'must be a JSON pointer such as /id')
      .optional()
      .meta({ description: 'JSON pointer to the identifier in the answer to create, such as /data/id.' }),
    idempotencyHeader: headerName.optional().meta({
      description:
        'Header for a key by which the application knows a request that it had already, such as Idempotency-Key. Without it, ' +
        'POST and PATCH are not sent again after a failure.',
    }),
  })
  .superRefine((settings, context) => {
    const needs: Readonly<Record<string, readonly (keyof typeof settings)[]>> = {
      bearer: ['token'],
      basic: ['username', 'password'],
      oauth: ['oauthUrl', 'clientId', 'clientSecret'],
    };
    for (const name of needs[settings.auth] ?? []) {
      if (settings[name] === undefined) context.addIssue({ code: 'custom', path: [name], message: 'is required' });
    }
    for (const name of ['update', 'delete'] as const) {
      const path = settings[name]?.path;
      if (path !== undefined && !path.includes('{id}')) {
        context.addIssue({ code: 'custom', path: [name, 'path'], message: 'must contain {id}' });
      }
    }
    for (const name of ['create', 'update'] as const) {
      for (const placeholder of unknownPlaceholders(settings[name]?.body, settings.schema)) {
        const message = `has the placeholder {{${placeholder}}}, but schema has no property of that name`;
        context.addIssue({ code: 'custom', path: [name, 'body'], message });
      }
    }
    for (const name of ['create', 'list'] as const) {
      if (settings[name]?.path.includes('{id}') === true) {
        context.addIssue({ code: 'custom', path: [name, 'path'], message: 'must not contain {id}: there is none yet' });
      }
    }
    for (const name of ['idempotencyHeader', 'signatureHeader'] as const) {
      if (settings.auth !== 'none' && settings[name]?.toLowerCase() === 'authorization') {
        context.addIssue({ code: 'custom', path: [name], message: 'must not be Authorization, which auth sets' });
      }
    }
  });

export type ApplicationSettings = z.output<typeof applicationSettings>;

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search + hash === '' && !/[?#]$/.test(text);
}

function unknownPlaceholders(template: unknown, schema: unknown): string[] {
  if (!isSchema(schema)) return [];
  const known = new Set(parseSchema(schema).properties.map(({ name }) => name));
  return [...new Set(placeholdersOf(template))].filter((name) => !known.has(name));
}

function isSchema(json: unknown): boolean {
  try {
    return parseSchema(json).properties.length > 0;
  } catch (error) {
    if (error instanceof SchemaError) return false;
    throw error;
  }
}
