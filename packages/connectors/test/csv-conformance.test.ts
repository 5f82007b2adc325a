import { csv } from '../src/csv/csv.js';
import { formatConformance } from './format-conformance.js';

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

formatConformance('csv', {
  format: csv.open({}),
  sheet: null,
  expected: {
    kind: 'object',
    properties: ['n', 'label'].map((name) => ({ name, type: { kind: 'string' }, description: '' })),
  },
  file: async (records) =>
    Buffer.from(['n,label', ...records.map(([n, label]) => `${n},${quoted(label)}`), ''].join('\n')),
});
