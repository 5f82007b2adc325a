import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ApplicationExportDefinition, StepError } from '@penstock/domain';
import { atStep } from './at-step.js';
import type { ApplicationDestination, ApplicationWriter } from './destination.js';
import { type ExportEffect, type ExportWork, passUnchanged } from './execute-export.js';
import { type ApplicationBlueprint, applicationBlueprint } from './export-blueprint.js';
import type { ExportedProfile, LeftRecord, ProfileReader } from './export-warehouse.js';
import { countRemovable, type LeavingRecords, NOBODY_LEAVES } from './leaving-records.js';
import { columnsOf } from './profile-fields.js';
import { FailedProfiles, type ProfileOutcome } from './profile-outcome.js';
import { RecordSender } from './record-sender.js';
import { takeAhead } from './take-ahead.js';
import { userMatcher } from './user-matcher.js';

const BATCHES_AHEAD = 3;
/** Users that are removed together are those of so many requests: between them the attempt makes itself heard and asks whether it still owns the run. */
const REQUESTS_AT_ONCE = 10;

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
    if (assignment.definition.onLeave === 'delete' && writer.remove === undefined) {
      throw new StepError('OutputValidation', 'DestinationRefused', { message: NO_REMOVAL });
    }
    await stageUsers(work, blueprint, writer);
    const sender = new RecordSender(work, { blueprint, writer });
    const { left, removable } = await sendProfiles(work, { blueprint, sender, writer });
    await onStage('staged');
    if (dry) return { ...sender.wouldSend, removed: removable };
    if (left > 0) await removeLeft(work, writer);
    // What was done is counted by what is noted as accepted, and as removed, also by attempts before this one.
    return { added: null, changed: null, removed: null };
  } finally {
    await writer.close();
  }
}

const NO_LIST =
  'the connection does not say how users are listed, so that nobody can be updated: set its list of users, or choose another exportMode';

const NO_REMOVAL =
  'the connection does not say how users are removed, which "onLeave": "delete" needs: set its delete, or let the pipeline keep them';

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
  readonly writer: ApplicationWriter;
}

/** Returns which users are to be removed then. */
async function sendProfiles(
  work: ExportWork<ApplicationExportDefinition>,
  { blueprint, sender, writer }: Sending,
): Promise<LeavingRecords & { readonly removable: number }> {
  const { assignment, attempt, environment } = work;
  const { signal, tally, onStage } = environment;
  const { definition } = assignment;
  const { knowsUsers } = writer;
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
    // The brake comes before the first request that writes.
    const leaving =
      definition.onLeave === 'keep' ? NOBODY_LEAVES : await atStep('Finalize', signal, () => attempt.countLeft());
    const received = reader.total;
    const isThere = ({ externalId }: LeftRecord): boolean => externalId !== null;
    const removable = await countRemovable(work, leaving, { received, isThere });
    const take = matcher.compile(reader.columns);
    const matchingOf = matcher.matchingOf(reader.columns);
    let delivered = 0;
    const batches = knowsUsers ? reader.batches() : withAcceptedUsers(reader.batches());
    for await (const outcome of takeAhead(batches, { take, ahead: BATCHES_AHEAD }, signal)) {
      delivered += outcome.size;
      outcome.count(tally);
      await noteFailed(work, outcome);
      await sender.send(outcome.ready, matchingOf);
      await onStage('sending');
      await nextTurn();
      signal.throwIfAborted();
    }
    await sender.finish();
    passUnchanged(tally, reader.total - delivered);
    tally.pass('Finalize', reader.total - delivered);
    return { ...leaving, removable };
  } catch (error) {
    if (!signal.aborted) await sender.settled();
    throw error;
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

async function noteFailed(
  { attempt, environment }: ExportWork<ApplicationExportDefinition>,
  { failedAccepted }: ProfileOutcome,
): Promise<void> {
  if (failedAccepted.length === 0) return;
  await atStep('Finalize', environment.signal, () => attempt.noteFailed(failedAccepted));
}

/** Removes the users of profiles that are not exported any more, from an application that can. */
async function removeLeft(work: ExportWork<ApplicationExportDefinition>, writer: ApplicationWriter): Promise<void> {
  const { attempt, environment } = work;
  const { signal, onStage } = environment;
  const size = writer.batchSize * REQUESTS_AT_ONCE;
  await atStep('Finalize', signal, async () => {
    for await (const batch of attempt.left()) {
      for (let from = 0; from < batch.length; from += size) {
        await removePart(work, writer, batch.slice(from, from + size));
        await onStage('sending');
      }
    }
  });
}

async function removePart(
  { attempt, environment }: ExportWork<ApplicationExportDefinition>,
  writer: ApplicationWriter,
  part: readonly LeftRecord[],
): Promise<void> {
  const failed = new FailedProfiles(environment, []);
  const known = part.flatMap(({ externalId, profile }) => (externalId === null ? [] : [{ externalId, profile }]));
  await attempt.requireOwnership();
  const ids = known.map(({ externalId }) => externalId);
  const outcomes = ids.length > 0 ? await writer.remove?.(ids) : [];
  const kept = new Set<string>();
  for (const [index, { profile }] of known.entries()) {
    const outcome = outcomes?.[index] ?? UNTOLD;
    if (outcome.kind === 'accepted') continue;
    kept.add(profile);
    failed.note(profile, { code: 'NotRemoved', message: `user could not be removed: ${outcome.message}` });
  }
  const gone = part.flatMap(({ profile }) => (kept.has(profile) ? [] : [profile]));
  await attempt.forget(gone, known.length - kept.size);
}

const UNTOLD = { kind: 'rejected', message: 'the application did not say what became of it' } as const;
