import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatabaseExportDefinition } from '@penstock/domain';
import { propertyAt, type Value, ValueFailure } from '@penstock/language';
import { atStep } from './at-step.js';
import type { DestinationColumn, TableDestination, TableWriter } from './destination.js';
import { type ExportEffect, type ExportWork, passUnchanged } from './execute-export.js';
import { type TableBlueprint, tableBlueprint } from './export-blueprint.js';
import type { ProfileReader, SentRecord } from './export-warehouse.js';
import { compileFingerprint, type Fingerprint } from './fingerprint.js';
import { isAccepted } from './is-accepted.js';
import { countRemovable, type LeavingRecords, NOBODY_LEAVES } from './leaving-records.js';
import { columnsOf, compileProfileFields } from './profile-fields.js';
import { FailedProfiles, type ProfileOutcome, type ReadyProfile } from './profile-outcome.js';
import { TableWriting } from './table-writing.js';
import { takeAhead, unnoticed } from './take-ahead.js';
import { compileProfileTransformation } from './transform-profiles.js';
import { compiledOf } from './transformation.js';
import { openTransformer } from './transformer.js';

const BATCHES_AHEAD = 3;
/** Keys of records that are removed together. */
const REMOVED_AT_ONCE = 5_000;

/**
 * Exports profiles to a table: those that the table does not have yet as they are now. They are staged in the destination's own database first, so
 * that duplicate keys are known before anything is written. Where the warehouse knows beforehand that there can be none, they are written while others
 * are still being read.
 */
export async function exportToTable(
  work: ExportWork<DatabaseExportDefinition>,
  destination: TableDestination,
): Promise<ExportEffect> {
  const { assignment, environment, dry } = work;
  const { signal, onStage } = environment;
  const blueprint = tableBlueprint(assignment.definition, assignment.profileSchema);
  const columns = destinationColumns(blueprint);
  const request = { owner: assignment, columns };
  let writer: TableWriter | undefined;
  if (dry) await atStep('OutputValidation', signal, () => destination.check(columns, signal));
  else writer = await atStep('OutputValidation', signal, () => destination.open(request, signal));
  try {
    const { staged, writing, leaving, received, isUnique } = await stageProfiles(work, blueprint, writer);
    // Where it is known that there are none, some rows may be written already.
    if (!isUnique) await failDuplicates(work, staged, writing);
    const removable = await countRemovable(work, leaving, { received, isThere: ({ key }) => key !== null });
    environment.tally.pass('Finalize', staged.unchanged);
    await onStage('staged');
    if (writing === undefined || writer === undefined) {
      environment.tally.pass('Finalize', staged.added + staged.changed);
      return { added: staged.added, changed: staged.changed, removed: removable };
    }
    await writing.finish();
    if (leaving.left > 0) await removeLeft(work, writer, blueprint);
    // What was done is counted by what is noted as accepted, and as removed.
    return { added: null, changed: null, removed: null };
  } finally {
    await writer?.close();
  }
}

function destinationColumns({ transformation, outSchema }: TableBlueprint): DestinationColumn[] {
  return compiledOf(transformation).outPaths.map((name) => ({ name, type: propertyAt(outSchema, name).type }));
}

/** Which records the run is to remove at the destination, and which change hands. */
function countLeaving({
  assignment,
  attempt,
  environment,
}: ExportWork<DatabaseExportDefinition>): Promise<LeavingRecords> | LeavingRecords {
  if (assignment.definition.onLeave === 'keep') return NOBODY_LEAVES;
  return atStep('Finalize', environment.signal, () => attempt.countLeft());
}

/** What has been staged, without duplicates once they are known. */
interface StagedProfiles {
  /** Number of the next record. */
  next: number;
  added: number;
  changed: number;
  /** What the table has already as it is now. */
  unchanged: number;
}

/** What came of reading all profiles. */
interface Reading {
  readonly staged: StagedProfiles;
  /** Absent in a dry run. */
  readonly writing: TableWriting | undefined;
  readonly leaving: LeavingRecords;
  /** How many profiles take part. */
  readonly received: number;
  /** Whether no two of all profiles have the same key, for certain. */
  readonly isUnique: boolean;
}

async function stageProfiles(
  work: ExportWork<DatabaseExportDefinition>,
  blueprint: TableBlueprint,
  writer: TableWriter | undefined,
): Promise<Reading> {
  const { assignment, attempt, environment } = work;
  const { signal, tally, onStage, openFunction } = environment;
  const columns = columnsOf(blueprint.inSchema);
  const transformer = await atStep('Transformation', signal, async () =>
    openTransformer(blueprint.transformation, openFunction),
  );
  const ready = unnoticed(transformer.ready(signal));
  let reader: ProfileReader | undefined;
  let writing: TableWriting | undefined;
  try {
    const query = {
      ...{ columns, filterColumns: columnsOf(assignment.profileSchema), filter: blueprint.filter, orderBy: null },
      unlessAcceptedUnder: assignment.full ? null : assignment.version,
      ...(writer?.tellsKeysApart && blueprint.keyPath !== null && { uniquePath: blueprint.keyPath }),
    };
    reader = await atStep('Receive', signal, () => attempt.read(query));
    await atStep('Transformation', signal, () => ready);
    await onStage('opened');
    const take = compileProfileTransformation({
      ...{
        width: blueprint.inSchema.properties.length,
        read: compileProfileFields(blueprint.inSchema, reader.columns),
      },
      ...{ transformation: blueprint.transformation, transformer, signal },
      failed: new FailedProfiles(environment, columns),
      check: keyCheck(assignment.definition.tableKey, blueprint.keyPosition),
    });
    const { isUnique } = reader;
    const leaving = await countLeaving(work);
    // The brake comes before the first row is written: where keys are known to be unique, the table has no record yet that could leave.
    writing = writer && new TableWriting(work, { writer, early: isUnique });
    const staged: StagedProfiles = { next: 0, added: 0, changed: 0, unchanged: 0 };
    const target = { blueprint, writing, staged, fingerprint: tableFingerprint(assignment.definition, blueprint) };
    let delivered = 0;
    const batchWork = { take, ahead: BATCHES_AHEAD };
    for await (const outcome of takeAhead(reader.batches(), batchWork, signal)) {
      delivered += outcome.size;
      outcome.count(tally);
      await atStep('Finalize', signal, () => stageOutcome(work, outcome, target));
      await onStage('staging');
      await nextTurn();
      signal.throwIfAborted();
    }
    passUnchanged(tally, reader.total - delivered);
    staged.unchanged += reader.total - delivered;
    return { staged, writing, leaving, received: reader.total, isUnique };
  } catch (error) {
    await writing?.settled();
    throw error;
  } finally {
    await transformer.close();
    await reader?.close();
  }
}

function keyCheck(
  tableKey: string,
  position: number,
): (profile: unknown, values: readonly Value[]) => ValueFailure | undefined {
  const message = `profile has no value for the table key "${tableKey}"`;
  const missing = new ValueFailure('InputValidation', 'KeyMissing', message);
  return (_, values) => ((values[position] ?? null) === null ? missing : undefined);
}

function tableFingerprint(
  { tableName, tableKey }: DatabaseExportDefinition,
  { transformation }: TableBlueprint,
): Fingerprint {
  return compileFingerprint(transformation, [tableName, tableKey]);
}

interface StagingTarget {
  readonly blueprint: TableBlueprint;
  readonly writing: TableWriting | undefined;
  readonly staged: StagedProfiles;
  readonly fingerprint: Fingerprint;
}

/** Stages what the table does not have; of the rest it is noted that the table has it as it is now. */
async function stageOutcome(
  { assignment, attempt, dry }: ExportWork<DatabaseExportDefinition>,
  { ready, failedAccepted }: ProfileOutcome,
  { blueprint, writing, staged, fingerprint }: StagingTarget,
): Promise<void> {
  const rows: (readonly Value[])[] = [];
  const sent: SentRecord[] = [];
  const same: SentRecord[] = [];
  for (const profile of ready) {
    const record = sentRecord(profile, blueprint.keyPosition, fingerprint);
    if (isAccepted(profile, record, assignment.full)) {
      same.push(record);
      continue;
    }
    rows.push(profile.values);
    sent.push(record);
    staged[record.isNew ? 'added' : 'changed'] += 1;
  }
  staged.unchanged += same.length;
  if (failedAccepted.length > 0) await attempt.noteFailed(failedAccepted);
  if (same.length > 0 && !dry) await attempt.confirm(same);
  if (sent.length === 0) return;
  const first = staged.next;
  staged.next += sent.length;
  await Promise.all([attempt.stage(sent, first), writing?.add(rows, first)]);
}

function sentRecord({ profile, values }: ReadyProfile, keyPosition: number, fingerprint: Fingerprint): SentRecord {
  return {
    profile: profile.id,
    revision: profile.revision,
    key: String(values[keyPosition]),
    fingerprint: fingerprint(values),
    externalId: null,
    isNew: profile.accepted === null,
  };
}

/** Profiles with the same key fail, all of them: nobody can say whose the row is. */
async function failDuplicates(
  { assignment, attempt, environment }: ExportWork<DatabaseExportDefinition>,
  staged: StagedProfiles,
  writing: TableWriting | undefined,
): Promise<void> {
  if (staged.next === 0) return;
  const { signal } = environment;
  const failed = new FailedProfiles(environment, []);
  const duplicates = attempt.duplicates()[Symbol.asyncIterator]();
  for (;;) {
    const batch = await atStep('Finalize', signal, () => duplicates.next());
    if (batch.done) return;
    for (const { profile, sequence, isNew, other } of batch.value) {
      const message = `profile ${profile} has the same value of "${assignment.definition.tableKey}" as profile ${other}`;
      failed.addAtFinalize(profile, { code: 'DuplicateKey', message });
      const wasTakenFor = isNew ? 'added' : 'changed';
      staged[sequence === null ? 'unchanged' : wasTakenFor] -= 1;
    }
    const sequences = batch.value.flatMap(({ sequence }) => sequence ?? []);
    if (sequences.length === 0) continue;
    await atStep('Finalize', signal, async () => {
      await attempt.refuse(sequences);
      await writing?.exclude(sequences);
    });
  }
}

/** Removes the rows of profiles that are not exported any more. */
async function removeLeft(
  { attempt, environment }: ExportWork<DatabaseExportDefinition>,
  writer: TableWriter,
  blueprint: TableBlueprint,
): Promise<void> {
  const { signal, onStage } = environment;
  const key = keyReader(blueprint);
  await atStep('Finalize', signal, async () => {
    for await (const batch of attempt.left()) {
      for (let from = 0; from < batch.length; from += REMOVED_AT_ONCE) {
        const part = batch.slice(from, from + REMOVED_AT_ONCE);
        let removed = 0;
        for await (const rows of writer.remove(part.flatMap(({ key: text }) => (text === null ? [] : [key(text)])))) {
          removed += rows;
          await onStage('sending');
        }
        const profiles = part.map(({ profile }) => profile);
        await attempt.forget(profiles, removed);
      }
    }
  });
}

/** Keys are noted as texts; the key of a table is a string, an integer or a UUID. */
function keyReader({ outSchema, transformation, keyPosition }: TableBlueprint): (text: string) => Value {
  const path = compiledOf(transformation).outPaths[keyPosition] ?? '';
  const { type } = propertyAt(outSchema, path);
  return type.kind === 'int' && type.bitSize !== 64 ? Number : (text) => text;
}
