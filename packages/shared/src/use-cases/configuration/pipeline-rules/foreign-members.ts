import type { ErrorDetail } from '@penstock/domain';
import type { ImportKind } from './import-kind.js';

/** Members that some kind of pipeline has: a consumer who sends one of another kind expects something that this kind does not do. */
const PARTICULAR = [
  'query',
  'eventType',
  'filter',
  'requiredConsents',
  'format',
  'path',
  'sheet',
  'compression',
  'formatSettings',
  'orderBy',
  'exportMode',
  'matching',
  'updateOnDuplicates',
  'tableName',
  'tableKey',
] as const;

/** Reports members that a kind of pipeline does not have; null, "" and false say nothing. */
export function foreignMembers(body: unknown, { membersSchema, what }: ImportKind): ErrorDetail[] {
  const members = body as Readonly<Record<string, unknown>>;
  const isForeign = (name: string): boolean =>
    !Object.hasOwn(membersSchema.shape, name) && Object.hasOwn(members, name) && Boolean(members[name]);
  return PARTICULAR.filter(isForeign).map((path) => ({
    path,
    message: `is not allowed for ${what}: ${path === 'filter' ? 'write the condition into the query' : 'leave it out'}`,
  }));
}
