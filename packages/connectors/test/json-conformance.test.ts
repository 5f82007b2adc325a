import { json } from '../src/json/json.js';
import { formatConformance } from './format-conformance.js';

const expected = {
  kind: 'object' as const,
  properties: ['n', 'label'].map((name) => ({ name, type: { kind: 'json' as const }, description: '' })),
};
const properties = expected.properties.map(({ name }) => ({ key: name, value: true }));
const text = (value: unknown) => String(JSON.parse(String(value)));
const objects = (records: readonly (readonly [string, string])[]) =>
  records.map(([n, label]) => JSON.stringify({ n: Number(n), label }));

formatConformance('json', {
  format: json.open({ properties }),
  ...{ sheet: null, expected, text, takesEmpty: true },
  file: async (records) => Buffer.from(`[${objects(records).join(',\n')}]`),
});

formatConformance('json in lines', {
  format: json.open({ properties }),
  ...{ sheet: null, expected, text, takesEmpty: true },
  file: async (records) =>
    Buffer.from(
      objects(records)
        .map((line) => `${line}\n`)
        .join(''),
    ),
});
