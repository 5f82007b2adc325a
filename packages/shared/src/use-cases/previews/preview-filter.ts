import { compileFilter, FilterError, type ObjectType, parseFilter } from '@penstock/language';
import { filterPreviewBody } from '../../contracts/previews.js';
import { readDraft } from '../configuration/pipeline-rules/draft.js';
import { filterViolations } from '../configuration/pipeline-rules/filter-rules.js';
import { RequestReader } from './read-request.js';
import { takeTurns } from './take-turns.js';

/** Says for each record whether a filter lets it pass. @throws AppError BadRequest with all violations */
export async function previewFilter(body: unknown, signal: AbortSignal): Promise<{ readonly results: boolean[] }> {
  const draft = readDraft(filterPreviewBody, body);
  const request = new RequestReader(draft);
  const schema = request.schema('schema');
  const filter = schema && draft.members.filter && readFilter(draft.members.filter, schema, request);
  const rows = await request.rows(draft.members.records, schema, signal);
  request.check();
  // Without violations there are both.
  if (schema === undefined || filter === undefined) return { results: [] };
  const passes = compileFilter(filter, schema);
  const turn = takeTurns(signal);
  const results: boolean[] = [];
  for (const row of rows) {
    results.push(passes(row));
    await turn();
  }
  return { results };
}

function readFilter(json: unknown, schema: ObjectType, request: Pick<RequestReader<unknown>, 'report'>) {
  try {
    return parseFilter(json, schema, 'import');
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    request.report(filterViolations(error));
    return undefined;
  }
}
