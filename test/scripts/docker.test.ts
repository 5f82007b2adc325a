import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('the Dockerfile knows every workspace: without its manifest its dependencies would not be installed', async () => {
  const dockerfile = await readFile(path.join(root, 'Dockerfile'), 'utf8');
  for (const parent of ['apps', 'packages']) {
    for (const name of await readdir(path.join(root, parent))) {
      expect(dockerfile).toContain(`COPY ${parent}/${name}/package.json ${parent}/${name}/\n`);
    }
  }
});

test('docker-compose.yml asks for the secrets that scripts/make-env.mjs makes, and for no others', async () => {
  const compose = await readFile(path.join(root, 'docker-compose.yml'), 'utf8');
  const maker = await readFile(path.join(root, 'scripts', 'make-env.mjs'), 'utf8');
  const required = [...compose.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name);
  const made = [...maker.matchAll(/^ {4}([A-Z_]+):/gm)].map(([, name]) => name);
  expect([...new Set(required)].sort()).toEqual(made.sort());
});
