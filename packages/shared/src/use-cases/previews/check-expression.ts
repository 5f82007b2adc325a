import { checkExpression as check, parseType, SchemaError, type Type, typeToJson } from '@penstock/language';
import { type ExpressionCheck, expressionCheckBody } from '../../contracts/previews.js';
import { readDraft } from '../configuration/pipeline-rules/draft.js';
import { RequestReader } from './read-request.js';

/** Says what an expression reads, of which type it is, and what is wrong with it. @throws AppError BadRequest */
export function checkExpression(body: unknown): ExpressionCheck {
  const draft = readDraft(expressionCheckBody, body);
  const { expression = '', outType } = draft.members;
  const request = new RequestReader(draft);
  const inSchema = request.schema('inSchema');
  const type = outType == null ? undefined : readType(outType, request);
  request.check();
  if (inSchema === undefined) return { properties: [], type: null, errors: [] };
  const checked = check(expression, inSchema, type);
  return {
    properties: [...checked.properties],
    type: checked.type && (typeToJson(checked.type) as ExpressionCheck['type']),
    errors: checked.errors.map(({ message, line, column, offset, length, excerpt }) => ({
      ...{ message, line, column, offset, length, excerpt },
    })),
  };
}

function readType(json: unknown, request: Pick<RequestReader<unknown>, 'report'>): Type | undefined {
  try {
    return parseType(json);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    request.report([{ path: error.path === '' ? 'outType' : `outType.${error.path}`, message: error.message }]);
    return undefined;
  }
}
