import { expressionCheckAnswer, expressionCheckBody } from '@penstock/shared/contracts';
import { checkExpression as checkExpressionOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const checkExpression = defineRoute({
  method: 'post',
  path: '/v1/expressions/check',
  scope: 'workspace',
  tag: 'Data language',
  summary: 'Check a mapping expression',
  description: 'What is wrong with the expression itself is in `errors`, each with its place in the text.',
  body: expressionCheckBody,
  bodyUnparsed: true,
  response: expressionCheckAnswer,
  handler: async ({ body }) => checkExpressionOf(body),
});
