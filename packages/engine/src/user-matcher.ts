import type { ApplicationExportDefinition } from '@penstock/domain';
import { isObjectValue, memberOf, type Value, ValueFailure } from '@penstock/language';
import { atStep } from './at-step.js';
import type { ExportEnvironment } from './execute-export.js';
import type { ApplicationBlueprint } from './export-blueprint.js';
import type { ExportedProfile } from './export-warehouse.js';
import { compileProfileFields, type ReadProfile } from './profile-fields.js';
import { type FailedProfiles, ProfileOutcome } from './profile-outcome.js';
import type { SourceColumn } from './source.js';
import { compileProfileTransformation, type TakeProfiles } from './transform-profiles.js';
import { openTransformer, type Transformer } from './transformer.js';

export interface MatcherContext {
  readonly blueprint: ApplicationBlueprint;
  readonly definition: ApplicationExportDefinition;
  readonly environment: ExportEnvironment;
  readonly failed: FailedProfiles;
}

/** Takes profiles through the steps as what they are in the application: new there, or known. */
export interface UserMatcher {
  compile(columns: readonly SourceColumn[]): TakeProfiles;
  /** The value of the matching property that a user is created with. */
  matchingOf(columns: readonly SourceColumn[]): (profile: ExportedProfile) => Value;
  close(): Promise<void>;
}

/** Users are created and updated by the same transformation, but other properties are required. */
export async function userMatcher(context: MatcherContext): Promise<UserMatcher> {
  const { blueprint, environment } = context;
  const { signal, openFunction } = environment;
  const open = (transformation: ApplicationBlueprint['create']) =>
    atStep('Transformation', signal, async () => openTransformer(transformation, openFunction));
  const create = await open(blueprint.create);
  const update = await open(blueprint.update);
  const close = async (): Promise<void> => {
    await create.close();
    await update.close();
  };
  try {
    await atStep('Transformation', signal, () => create.ready(signal));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    compile: (columns) => compileMatching(context, columns, { create, update }),
    matchingOf: (columns) => {
      const readMatching = matchingValue(blueprint, compileProfileFields(blueprint.inSchema, columns));
      // What cannot be converted has failed before.
      return (profile) => blueprint.matching.convert(readMatching(profile)) as Value;
    },
    close,
  };
}

function compileMatching(
  { blueprint, environment, failed }: MatcherContext,
  columns: readonly SourceColumn[],
  transformers: { readonly create: Transformer; readonly update: Transformer },
): TakeProfiles {
  const { inSchema } = blueprint;
  const read = compileProfileFields(inSchema, columns);
  const check = matchingCheck(blueprint, read);
  const common = { width: inSchema.properties.length, read, failed, signal: environment.signal, check };
  const { create: transformation } = blueprint;
  const create = compileProfileTransformation({ ...common, transformation, transformer: transformers.create });
  const update = compileProfileTransformation({
    ...{ ...common, transformation: blueprint.update, transformer: transformers.update },
  });
  return async (batch) => {
    const isNew = ({ match }: ExportedProfile): boolean => (match?.externalIds.length ?? 0) === 0;
    const outcomes = [await create(batch.filter(isNew)), await update(batch.filter((profile) => !isNew(profile)))];
    return ProfileOutcome.together(failed, outcomes);
  };
}

/** A profile that cannot be matched, because it has nothing to be matched by or nothing that the application could hold. */
function matchingCheck(
  { matching, inSchema }: ApplicationBlueprint,
  read: ReadProfile,
): (profile: ExportedProfile) => ValueFailure | undefined {
  const path = matching.path.join('.');
  const missing = new ValueFailure(
    'InputValidation',
    'KeyMissing',
    `profile has no value for the matching property "${path}"`,
  );
  const readMatching = matchingValue({ matching, inSchema }, read);
  return (profile) => {
    if ((profile.match?.value ?? null) === null) return missing;
    const value = matching.convert(readMatching(profile));
    if (!(value instanceof ValueFailure)) return undefined;
    return new ValueFailure('InputValidation', value.code, value.message);
  };
}

/** Reads the matching property of a profile. */
function matchingValue(
  { matching, inSchema }: Pick<ApplicationBlueprint, 'matching' | 'inSchema'>,
  read: ReadProfile,
): (profile: ExportedProfile) => Value {
  const [first = '', ...names] = matching.path;
  const position = inSchema.properties.findIndex(({ name }) => name === first);
  const values: Value[] = new Array<Value>(inSchema.properties.length).fill(null);
  return ({ fields }) => {
    read(fields, values);
    let value: Value = values[position] ?? null;
    for (const name of names) value = isObjectValue(value) ? (memberOf(value, name) ?? null) : null;
    return value;
  };
}
