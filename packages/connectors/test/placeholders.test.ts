import { describe, expect, it } from 'vitest';
import { replacePlaceholders } from '../src/placeholders.js';

const VALUES = new Map([
  ['updated_at', "'2026-01-01'"],
  ['limit', '10'],
]);
const p = (name: string) => `\${${name}}`;

describe('placeholders', () => {
  it.each([
    ['SELECT 1', 'SELECT 1'],
    [`${p('limit')}`, '10'],
    [`a ${p('updated_at')} b ${p(' limit\t')}c${p('limit')}`, "a '2026-01-01' b 10c10"],
    ['$ { } $1 {limit} $limit', '$ { } $1 {limit} $limit'],
    [`$${p('limit')}$`, '$10$'],
  ])('turn %j into %j', (query, text) => {
    expect(replacePlaceholders(query, VALUES)).toBe(text);
  });

  it('do not read a value as a placeholder, nor as a pattern', () => {
    expect(replacePlaceholders(p('limit'), new Map([['limit', `$& ${p('limit')}`]]))).toBe(`$& ${p('limit')}`);
  });

  it.each([
    [p('last_change'), 'placeholder "last_change" does not exist; a query can use ${updated_at} and ${limit}'],
    [p('Limit'), 'placeholder "Limit" does not exist'],
    [p(''), 'placeholder "" does not exist'],
    [p('constructor'), 'placeholder "constructor" does not exist'],
    [`x ${p('limit')} \${limit`, 'placeholder "${limit" is not closed'],
    [p(`a ${p('limit')}`), 'contains another placeholder'],
    [`\${${'x'.repeat(1_000)}`, `"\${${'x'.repeat(38)}…" is not closed`],
  ])('refuse %j', (query, message) => {
    const error = expect.objectContaining({ code: 'InvalidPlaceholder', message: expect.stringContaining(message) });
    expect(() => replacePlaceholders(query, VALUES)).toThrow(error);
  });
});
