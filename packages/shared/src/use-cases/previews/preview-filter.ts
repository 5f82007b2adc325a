import { compileFilter, FilterError, type ObjectType, parseFilter } from '@penstock/language';
import { filterPreviewBody } from '../../contracts/previews.js';
import { readDraft } from '../configuration/pipeline-rules/draft.js';
import { inSlices } from './in-slices.js';
import { RequestReader } from './read-request.js';

/** Says for each record whether a filter lets it pass. @throws AppError BadRequest with all violations */
export async function previewFilter(body: unknown, signal: AbortSignal): Promise<{ readonly results: boolean[] }> {
  const draft = readDraft(filterPreviewBody, body);
  const request = new RequestReader(draft);
  const schema = request.schema('schema');
  const filter = schema && draft.members.filter && readFilter(draft.members.filter, schema, request);
  const rows = request.rows(draft.members.records, schema);
  request.check();
  // Without violations there are both.
  if (schema === undefined || filter === undefined) return { results: [] };
  const passes = compileFilter(filter, schema);
  return { results: await inSlices(rows, signal, (slice) => slice.map((row) => passes(row))) };
}

function readFilter(json: unknown, schema: ObjectType, { violations }: Pick<RequestReader<unknown>, 'violations'>) {
  try {
    return parseFilter(json, schema, 'import');
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    violations.push(
      ...error.violations.map(({ path, message }) => ({ path: path === '' ? 'filter' : `filter.${path}`, message })),
    );
    return undefined;
  }
}
