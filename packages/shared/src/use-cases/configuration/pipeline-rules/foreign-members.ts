import type { ErrorDetail } from '@penstock/domain';
import type { z } from 'zod';
import type { PipelineKindRules } from './pipeline-kind.js';

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
  'onLeave',
  'userIDColumn',
  'updatedAtColumn',
  'updatedAtFormat',
  'incremental',
  'cursorOverlapSeconds',
  'maxRemovedShare',
  'outSchema',
  'transformation',
] as const;

type Particular = (typeof PARTICULAR)[number];

/** What to do instead, where there is something. */
const ADVICE: Partial<Record<Particular, string>> = { filter: 'write the condition into the query' };

type Kind = Pick<PipelineKindRules<z.ZodObject>, 'what' | 'members' | 'hasTransformation'>;

/** Reports members that a kind of pipeline does not have; null, "" and false say nothing. */
export function foreignMembers(body: unknown, kind: Kind): ErrorDetail[] {
  const members = body as Readonly<Record<string, unknown>>;
  return PARTICULAR.filter((name) => !hasMember(kind, name) && saysSomething(members, name)).map((path) => ({
    path,
    message: `is not allowed for ${kind.what}: ${ADVICE[path] ?? 'leave it out'}`,
  }));
}

function hasMember({ members, hasTransformation }: Kind, name: Particular): boolean {
  return name === 'transformation' ? hasTransformation : Object.hasOwn(members.shape, name);
}

function saysSomething(members: Readonly<Record<string, unknown>>, name: Particular): boolean {
  if (!Object.hasOwn(members, name)) return false;
  return members[name] === 0 || Boolean(members[name]);
}
