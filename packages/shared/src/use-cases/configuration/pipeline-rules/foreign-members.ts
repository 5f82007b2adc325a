import type { ErrorDetail } from '@penstock/domain';

/** Members of the other kinds of pipelines: a consumer who sends one expects something that this kind does not do. */
const FOREIGN = [
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

/** Reports members that a pipeline importing users from a database does not have; null, "" and false say nothing. */
export function foreignMembers(body: unknown): ErrorDetail[] {
  const members = body as Readonly<Record<string, unknown>>;
  return FOREIGN.filter((name) => Object.hasOwn(members, name) && Boolean(members[name])).map((path) => ({
    path,
    message:
      path === 'filter'
        ? 'is not allowed for a pipeline that imports users from a database: write the condition into the query'
        : 'is not allowed for a pipeline that imports users from a database: leave it out',
  }));
}
