import { ERRORS, type ErrorCode } from '@penstock/domain';
import { errorBody } from '@penstock/shared/contracts';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import type { Method, Route } from './route.js';
import { JSON_TYPE, LINES_TYPE } from './send-stream.js';

type OpenApiDocument = ReturnType<typeof createDocument>;

/** The OpenAPI document of the routes, from the schemas that check their requests and answers. */
export function buildOpenApi(routes: readonly Route[]): OpenApiDocument {
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Penstock',
      version: '1',
      description: 'Runs customer-data pipelines into and out of a data warehouse.',
    },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths: pathsOf(routes),
    components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'api_...' } } },
  });
  return withPlainReferences(document);
}

/**
 * A reference stands for the whole schema. Beside one that has a description of its own, the library leaves parts of the schema and
 * of our metadata.
 */
function withPlainReferences(document: OpenApiDocument): OpenApiDocument {
  return JSON.parse(JSON.stringify(document), (_name, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('$ref' in value)) return value;
    return { $ref: value.$ref, ...('description' in value && { description: value.description }) };
  }) as OpenApiDocument;
}

function pathsOf(routes: readonly Route[]): ZodOpenApiPathsObject {
  const paths: Record<string, Partial<Record<Method, ZodOpenApiOperationObject>>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return paths;
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { params, query, body } = route;
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    ...(route.scope !== 'public' && { security: [{ apiKey: [] }] }),
    requestParams: {
      ...(params instanceof z.ZodObject && { path: params }),
      ...(query instanceof z.ZodObject && { query }),
      ...headersOf(route),
    },
    ...(body && { requestBody: { required: !route.bodyOptional, content: { 'application/json': { schema: body } } } }),
    responses: responsesOf(route),
  };
}

/** `PUT /v1/pipelines/:id/status` is `putPipelinesIdStatus`. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== '' && word !== 'v');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function headersOf({ scope, idempotent }: Route): { header?: z.ZodObject } {
  const workspace = z
    .string()
    .optional()
    .meta({ description: 'With an admin key: the id of the workspace to work on.' });
  const key = z
    .string()
    .max(255)
    .optional()
    .meta({ description: 'Repeating a request with the same key repeats the answer, not the effect.' });
  const header = {
    ...((scope === 'workspace' || scope === 'key') && { 'X-Workspace': workspace }),
    ...(idempotent && { 'Idempotency-Key': key }),
  };
  return Object.keys(header).length === 0 ? {} : { header: z.object(header) };
}

const EVERY_ROUTE: readonly ErrorCode[] = ['BadRequest', 'InternalError', 'ServiceUnavailable'];
const WITH_KEY: readonly ErrorCode[] = ['Unauthorized', 'TooManyRequests'];
const WITH_BODY: readonly ErrorCode[] = ['BodyTooLarge', 'UnsupportedMediaType'];
const WITH_IDEMPOTENCY: readonly ErrorCode[] = ['IdempotencyKeyInFlight', 'IdempotencyKeyReused'];

function errorsOf({ scope, body, idempotent, errors, params }: Route): ErrorCode[] {
  return [
    ...EVERY_ROUTE,
    ...(scope === 'public' ? [] : WITH_KEY),
    ...(scope === 'admin' ? (['Forbidden'] as const) : []),
    ...(scope === 'workspace' || params ? (['NotFound'] as const) : []),
    ...(body ? WITH_BODY : []),
    ...(idempotent ? WITH_IDEMPOTENCY : []),
    ...(errors ?? []),
  ];
}

function responsesOf(route: Route): ZodOpenApiResponsesObject {
  const success =
    route.response === null
      ? { '204': { description: 'Done.' } }
      : { '200': { description: 'Success.', content: contentOf(route.response, route.line) } };
  const errors: Record<string, ReturnType<typeof errorResponse>> = {};
  for (const [status, codes] of byStatus(errorsOf(route))) errors[status] = errorResponse(codes);
  return { ...success, ...errors } as ZodOpenApiResponsesObject;
}

function contentOf(schema: z.ZodType, line: z.ZodType | undefined) {
  return { [JSON_TYPE]: { schema }, ...(line && { [LINES_TYPE]: { schema: line } }) };
}

function byStatus(codes: readonly ErrorCode[]): Map<string, ErrorCode[]> {
  const groups = new Map<string, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const status = String(ERRORS[code].status);
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return groups;
}

function errorResponse(codes: readonly ErrorCode[]) {
  const description = codes.map((code) => `\`${code}\`: ${ERRORS[code].message}`).join('\n\n');
  return { description, content: { 'application/json': { schema: errorBody } } };
}
