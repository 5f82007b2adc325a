import type { RecordFailure, Step } from '@penstock/domain';

/** Failed records with the same step, code and message. */
export interface FailureGroup {
  readonly step: Step;
  readonly code: string;
  readonly message: string;
  readonly count: number;
  /** Identifiers of the first few of them. */
  readonly keys: readonly string[];
}

const MAX_GROUPS = 500;
const MAX_KEYS = 10;
const MAX_KEY_LENGTH = 200;
/** Messages quote parts of definitions; databases index this one. */
const MAX_MESSAGE_LENGTH = 500;
const NUL = '\0';
const REPLACEMENT = '\ufffd';

/** A text as every database can keep it: no NUL character, no half of a surrogate pair, which a cut may leave. */
function storable(text: string, maxLength: number): string {
  return text.slice(0, maxLength).toWellFormed().replaceAll(NUL, REPLACEMENT);
}

/** A group that is still being filled. */
type OpenGroup = Omit<FailureGroup, 'count' | 'keys'> & { count: number; keys: string[] };

/** Groups the failed records of an attempt; bounded, however many records fail in however many ways. */
export class FailureGroups {
  private readonly groups = new Map<string, OpenGroup>();

  add(failure: RecordFailure): void {
    const group = this.groupOf(failure);
    group.count += 1;
    if (failure.key !== null && group.keys.length < MAX_KEYS) group.keys.push(storable(failure.key, MAX_KEY_LENGTH));
  }

  list(): readonly FailureGroup[] {
    return [...this.groups.values()];
  }

  private groupOf({ step, code, message: text }: RecordFailure): OpenGroup {
    // Texts that are stored alike are one group.
    const message = storable(text, MAX_MESSAGE_LENGTH);
    const key = `${step}\0${code}\0${message}`;
    const known = this.groups.get(key);
    if (known !== undefined) return known;
    if (this.groups.size >= MAX_GROUPS) return this.overflow(step);
    const group: OpenGroup = { step, code, message, count: 0, keys: [] };
    this.groups.set(key, group);
    return group;
  }

  private overflow(step: Step): OpenGroup {
    const known = this.groups.get(step);
    if (known !== undefined) return known;
    const group: OpenGroup = {
      step,
      code: 'Other',
      message: 'other failures, of too many kinds to list',
      count: 0,
      keys: [],
    };
    this.groups.set(step, group);
    return group;
  }
}
