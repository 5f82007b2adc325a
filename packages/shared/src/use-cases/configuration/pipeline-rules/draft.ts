import type { ErrorDetail } from '@penstock/domain';
import { z } from 'zod';
import { explainIssue, refuse, violationsOf } from '../../../contracts/violations.js';

/** A body of which every member that is right by itself has been read, whatever is wrong with the others. */
export interface Draft<T> {
  readonly members: Partial<T>;
  /** Members that are wrong by themselves: rules that need them have nothing to say. */
  readonly unreadable: ReadonlySet<string>;
  readonly violations: readonly ErrorDetail[];
}

/** Reads a body member by member, so that rules can be checked together with the forms. @throws AppError BadRequest when it is not an object. */
export function readDraft<S extends z.ZodObject>(schema: S, body: unknown): Draft<z.output<S>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refuse([{ path: 'body', message: 'must be an object' }]);
  }
  const members: Record<string, unknown> = {};
  const unreadable = new Set<string>();
  const violations: ErrorDetail[] = [];
  for (const [name, memberSchema] of Object.entries(schema.shape)) {
    const member = z.object({ [name]: memberSchema }).safeParse(body, { error: explainIssue });
    if (member.success) members[name] = member.data[name];
    else {
      unreadable.add(name);
      // One by one: a body can have more of them than a call can have arguments.
      for (const violation of violationsOf(member.error, name)) violations.push(violation);
    }
  }
  return { members: members as Partial<z.output<S>>, unreadable, violations };
}
