import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ApplicationExportDefinition, StepError } from '@penstock/domain';
import { atStep } from './at-step.js';
import type { ApplicationDestination, ApplicationWriter } from './destination.js';
import { countRemovable, type ExportEffect, type ExportWork, passUnchanged } from './execute-export.js';
import { type ApplicationBlueprint, applicationBlueprint } from './export-blueprint.js';
import type { ExportedProfile, ProfileReader } from './export-warehouse.js';
import { columnsOf } from './profile-fields.js';
import { FailedProfiles } from './profile-outcome.js';
import { RecordSender } from './record-sender.js';
import { takeAhead } from './take-ahead.js';
import { userMatcher } from './user-matcher.js';

const BATCHES_AHEAD = 3;
/** Users that are removed together. */
const REMOVED_AT_ONCE = 100;

/**
 * Exports profiles to an application: its users are matched with the profiles first, then what the application does not have yet is created or
 * updated, at least once. What was accepted is noted at once, so that whoever takes over does not send it again.
 */
export async function exportToApplication(
  work: ExportWork<ApplicationExportDefinition>,
  destination: ApplicationDestination,
): Promise<ExportEffect> {
  const { assignment, environment, dry } = work;
  const { signal, onStage } = environment;
  const blueprint = applicationBlueprint(assignment.definition, assignment.profileSchema);
  const columns = blueprint.outSchema.properties.map(({ name, type }) => ({ name, type }));
  const request = { owner: assignment, columns };
  const writer = await atStep('OutputValidation', signal, () => destination.open(request, signal));
  try {
    await stageUsers(work, blueprint, writer);
    const sender = new RecordSender(work, { blueprint, writer });
    await sendProfiles(work, { blueprint, sender, knowsUsers: writer.knowsUsers });
    await onStage('staged');
    const removed = assignment.definition.onLeave === 'delete' ? await removeLeft(work, writer) : 0;
    // What was added and changed is counted by what is noted as accepted, also by attempts before this one.
    return dry ? { ...sender.wouldSend, removed } : { added: null, changed: null, removed };
  } finally {
    await writer.close();
  }
}

const NO_LIST =
  'the connection does not say how users are listed, so that nobody can be updated: set its list of users, or choose another exportMode';

/** Who is in the application already. */
async function stageUsers(
  { assignment, attempt, environment }: ExportWork<ApplicationExportDefinition>,
  { matching }: ApplicationBlueprint,
  writer: ApplicationWriter,
): Promise<void> {
  const { signal, onStage } = environment;
  if (!writer.knowsUsers && assignment.definition.exportMode === 'UpdateOnly') {
    throw new StepError('Receive', 'DestinationRefused', { message: NO_LIST });
  }
  const pages = writer.users({ name: matching.outPath, type: matching.out.type })[Symbol.asyncIterator]();
  for (;;) {
    const page = await atStep('Receive', signal, () => pages.next());
    if (page.done) return;
    await atStep('Receive', signal, () => attempt.stageUsers(page.value));
    await onStage('staging');
  }
}

interface Sending {
  readonly blueprint: ApplicationBlueprint;
  readonly sender: RecordSender;
  readonly knowsUsers: boolean;
}

async function sendProfiles(
  work: ExportWork<ApplicationExportDefinition>,
  { blueprint, sender, knowsUsers }: Sending,
): Promise<void> {
  const { assignment, attempt, environment } = work;
  const { signal, tally, onStage } = environment;
  const { definition } = assignment;
  const columns = columnsOf(blueprint.inSchema);
  let reader: ProfileReader | undefined;
  const matcher = await userMatcher({
    blueprint,
    definition,
    environment,
    failed: new FailedProfiles(environment, columns),
  });
  try {
    const query = {
      ...{ columns, filterColumns: columnsOf(assignment.profileSchema), filter: blueprint.filter, orderBy: null },
      unlessAcceptedUnder: assignment.full ? null : assignment.version,
      matching: { path: definition.matching.in, mode: definition.exportMode, knowsUsers },
    };
    reader = await atStep('Receive', signal, () => attempt.read(query));
    await onStage('opened');
    const take = matcher.compile(reader.columns);
    const matchingOf = matcher.matchingOf(reader.columns);
    let delivered = 0;
    const batches = knowsUsers ? reader.batches() : withAcceptedUsers(reader.batches());
    for await (const outcome of takeAhead(batches, { take, ahead: BATCHES_AHEAD }, signal)) {
      delivered += outcome.size;
      outcome.count(tally);
      await sender.send(outcome.ready, matchingOf);
      await onStage('sending');
      await nextTurn();
      signal.throwIfAborted();
    }
    await sender.finish();
    passUnchanged(tally, reader.total - delivered);
    tally.pass('Finalize', reader.total - delivered);
  } finally {
    await matcher.close();
    await reader?.close();
  }
}

/** Of an application that cannot tell who its users are, those are known that it has accepted. */
async function* withAcceptedUsers(
  batches: AsyncIterable<readonly ExportedProfile[]>,
): AsyncGenerator<readonly ExportedProfile[]> {
  for await (const batch of batches) {
    yield batch.map((profile) => {
      const { match, accepted } = profile;
      const externalId = accepted?.externalId ?? null;
      if (match === undefined || externalId === null) return profile;
      return { ...profile, match: { ...match, externalIds: [externalId] } };
    });
  }
}

/** Removes the users of profiles that are not exported any more, from an application that can. */
async function removeLeft(work: ExportWork<ApplicationExportDefinition>, writer: ApplicationWriter): Promise<number> {
  const { attempt, environment, dry } = work;
  const { signal, onStage } = environment;
  const removable = await countRemovable(work);
  if (dry || removable === 0 || writer.remove === undefined) return writer.remove === undefined ? 0 : removable;
  const failed = new FailedProfiles(environment, []);
  let removed = 0;
  for await (const batch of attempt.left()) {
    for (let from = 0; from < batch.length; from += REMOVED_AT_ONCE) {
      const part = batch.slice(from, from + REMOVED_AT_ONCE);
      const known = part.flatMap(({ externalId, profile }) => (externalId === null ? [] : [{ externalId, profile }]));
      const ids = known.map(({ externalId }) => externalId);
      const outcomes = await atStep('Finalize', signal, async () => (ids.length > 0 ? await writer.remove?.(ids) : []));
      const refused = new Set<string>();
      for (const [index, outcome] of (outcomes ?? []).entries()) {
        const profile = known[index]?.profile ?? '';
        if (outcome.kind === 'accepted') removed += 1;
        else {
          refused.add(profile);
          failed.note(profile, { code: 'NotRemoved', message: `user could not be removed: ${outcome.message}` });
        }
      }
      const gone = part.flatMap(({ profile }) => (refused.has(profile) ? [] : [profile]));
      await atStep('Finalize', signal, () => attempt.forget(gone));
      await onStage('sending');
    }
  }
  return removed;
}
