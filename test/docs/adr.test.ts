import { expect, it } from 'vitest';
import { section, tableRows } from './support/documents.js';
import { readText, repositoryFiles } from './support/repository.js';

const files = repositoryFiles('docs/adr').toSorted();

it('decisions are numbered without a gap and say context, decision and consequences', () => {
  for (const [index, file] of files.entries()) {
    const number = String(index + 1).padStart(4, '0');
    expect(file).toMatch(new RegExp(`^docs/adr/${number}-[a-z0-9-]+\\.md$`));
    expect(readText(file)).toMatch(
      new RegExp(
        `^# ${number}: .+\\n\\n\\*\\*Context\\.\\*\\* [\\s\\S]+\\n\\n\\*\\*Decision\\.\\*\\* [\\s\\S]+\\n\\n\\*\\*Consequences\\.\\*\\* `,
      ),
    );
  }
});

it('docs/architecture.md lists every decision', () => {
  const listed = tableRows(section('docs/architecture.md', 'Decisions')).map(([link]) => link);
  const expected = files.map((file) => {
    const name = file.replace('docs/adr/', '');
    return `[${name.slice(0, 4)}](adr/${name})`;
  });
  expect(listed).toEqual(expected);
});
