import { ERRORS } from '@penstock/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../src/routes/index.js';
import { TestApi } from './support/test-api.js';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: object;
  }[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
  readonly security?: unknown;
  readonly requestBody?: { readonly required?: boolean };
}

let api: TestApi;
// biome-ignore lint/suspicious/noExplicitAny: a document of unknown form is what is tested
let document: any;

beforeAll(async () => {
  api = await TestApi.start();
  document = (await api.call('GET', '/openapi.json')).body;
});
afterAll(() => api.close());

/** All objects within a document, schemas among them. */
function schemasOf(node: unknown): Record<string, unknown>[] {
  if (typeof node !== 'object' || node === null) return [];
  const within = Object.values(node).flatMap(schemasOf);
  return Array.isArray(node) ? within : [node as Record<string, unknown>, ...within];
}

const documentedPath = (path: string): string => path.replace(/:(\w+)/g, '{$1}');
const operationOf = (method: string, path: string): Operation => document.paths[documentedPath(path)][method];
const everyRoute = routes.map((route) => [route.method.toUpperCase(), route.path, route] as const);

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'Penstock', version: expect.any(String) });
  });

  it('has every endpoint and no other', () => {
    const documented = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(documented.sort()).toEqual(routes.map(({ method, path }) => `${method} ${documentedPath(path)}`).sort());
  });

  it('gives every operation a name of its own', () => {
    const names = routes.map(({ method, path }) => operationOf(method, path).operationId);
    expect(new Set(names).size).toBe(routes.length);
  });

  it('has what every reference points to', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(references.length).toBeGreaterThan(20);
    for (const path of new Set(references)) {
      const target = path
        .split('/')
        .reduce<Record<string, unknown> | undefined>((node, name) => node?.[name] as never, document);
      expect(target, path).toBeDefined();
    }
  });

  it('has nothing beside a reference but a description', () => {
    const beside = schemasOf(document).filter((schema) => '$ref' in schema);
    const members = new Set(beside.flatMap((schema) => Object.keys(schema)));
    expect([...members].filter((member) => member !== '$ref' && member !== 'description')).toEqual([]);
  });

  it('allows values of the type that it names', () => {
    const enumerations = schemasOf(document).filter((schema) => Array.isArray(schema.enum) && 'type' in schema);
    expect(enumerations.length).toBeGreaterThan(10);
    for (const schema of enumerations) {
      expect(
        (schema.enum as unknown[]).every((value) => [schema.type].flat().includes(typeof value)),
        JSON.stringify(schema),
      ).toBe(true);
    }
  });

  it.each(everyRoute)('%s %s declares the parameters of its path as required', (_method, path, route) => {
    const declared = (operationOf(route.method, path).parameters ?? []).filter((parameter) => parameter.in === 'path');
    const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    expect(declared.map(({ name }) => name)).toEqual(inPath);
    expect(declared.every(({ required }) => required)).toBe(true);
  });

  it.each(everyRoute)('%s %s says what it answers and how it can fail', (_method, path, route) => {
    const { responses, security } = operationOf(route.method, path);
    expect(responses[route.response === null ? '204' : '200']?.description).toBeTruthy();
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '500']));
    expect(security === undefined).toBe(route.scope === 'public');
    for (const code of route.errors ?? []) expect(responses[String(ERRORS[code].status)]?.description).toContain(code);
  });

  it('describes ids, bodies that may be missing and headers as they are', () => {
    const start = operationOf('post', '/v1/pipelines/:id/runs');
    expect(start.requestBody?.required).not.toBe(true);
    expect(operationOf('put', '/v1/pipelines/:id/status').requestBody?.required).toBe(true);
    expect(start.parameters?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['id', 'X-Workspace', 'Idempotency-Key']),
    );
    expect(start.parameters?.find(({ name }) => name === 'id')?.schema).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 2_147_483_647,
    });
  });

  it('shows a run with exactly its seven members', () => {
    const { properties, required, additionalProperties } = document.components.schemas.Run;
    const members = ['id', 'pipeline', 'startTime', 'endTime', 'passed', 'failed', 'error'];
    expect(Object.keys(properties)).toEqual(members);
    expect(required).toEqual(members);
    expect(additionalProperties).toBe(false);
  });
});
