import { type CompiledMapping, type Value, ValueFailure } from '@penstock/language';
import type { ExportedProfile } from './export-warehouse.js';
import type { ReadProfile } from './profile-fields.js';
import { type FailedProfiles, ProfileOutcome } from './profile-outcome.js';
import type { Transformation } from './transformation.js';
import type { Transformer } from './transformer.js';
import { isHeavy, isTooMuchWork, TOO_MUCH_WORK } from './work-bounds.js';

/** How profiles become what is sent. */
export interface ProfileTransformation {
  /** Top-level properties that are read. */
  readonly width: number;
  readonly read: ReadProfile;
  readonly transformation: Transformation;
  readonly transformer: Transformer;
  readonly failed: FailedProfiles;
  readonly signal: AbortSignal;
  /** Why a profile cannot be sent, by what is read of it and what became of it; undefined when it can. */
  readonly check: (profile: ExportedProfile, values: readonly Value[]) => ValueFailure | undefined;
}

export type TakeProfiles = (batch: readonly ExportedProfile[]) => ProfileOutcome | Promise<ProfileOutcome>;

/** Compiles what is done with each batch: by a mapping at once, by a function when its sandbox has answered. */
export function compileProfileTransformation(context: ProfileTransformation): TakeProfiles {
  const { transformation } = context;
  return transformation.by === 'mapping' ? takeMapped(context, transformation.mapping) : takeByFunction(context);
}

function takeMapped(context: ProfileTransformation, mapping: CompiledMapping): TakeProfiles {
  const { width, read, failed, check } = context;
  // One array serves all profiles: the mapping reads it before the next one is read.
  const values: Value[] = new Array<Value>(width).fill(null);
  const heavy = isHeavy(mapping);
  return (batch) => {
    const outcome = new ProfileOutcome(failed);
    for (const profile of batch) {
      read(profile.fields, values);
      const out: Value[] = new Array<Value>(mapping.outPaths.length).fill(null);
      const failure = heavy && isTooMuchWork(mapping, values) ? TOO_MUCH_WORK : mapping.evaluate(values, out);
      settle(outcome, profile, failure ?? check(profile, out) ?? out);
    }
    return outcome;
  };
}

/** A function gets all profiles of a batch at once. */
function takeByFunction(context: ProfileTransformation): TakeProfiles {
  const { width, read, transformer, failed, check, signal } = context;
  return async (batch) => {
    const outcome = new ProfileOutcome(failed);
    const rows = batch.map((profile) => {
      const values: Value[] = new Array<Value>(width).fill(null);
      read(profile.fields, values);
      return values;
    });
    const results = rows.length === 0 ? [] : await transformer.transform(rows, signal);
    for (const [index, profile] of batch.entries()) {
      const result = results[index] ?? [];
      settle(outcome, profile, result instanceof ValueFailure ? result : (check(profile, result) ?? result));
    }
    return outcome;
  };
}

function settle(outcome: ProfileOutcome, profile: ExportedProfile, result: ValueFailure | readonly Value[]): void {
  if (result instanceof ValueFailure) outcome.fail(profile, result);
  else outcome.ready.push({ profile, values: result });
}
