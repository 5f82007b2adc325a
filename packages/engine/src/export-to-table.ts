import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DatabaseExportDefinition, StepError } from '@penstock/domain';
import { propertyAt, type Value, ValueFailure } from '@penstock/language';
import { atStep } from './at-step.js';
import type { DestinationColumn, TableDestination, TableWriter } from './destination.js';
import { countRemovable, type ExportEffect, type ExportWork, passUnchanged } from './execute-export.js';
import { type TableBlueprint, tableBlueprint } from './export-blueprint.js';
import type { ProfileReader, SentRecord } from './export-warehouse.js';
import { fingerprintOf } from './fingerprint.js';
import { isAccepted } from './is-accepted.js';
import { columnsOf, compileProfileFields } from './profile-fields.js';
import { FailedProfiles, type ProfileOutcome, type ReadyProfile } from './profile-outcome.js';
import { takeAhead, unnoticed } from './take-ahead.js';
import { compileProfileTransformation } from './transform-profiles.js';
import { compiledOf } from './transformation.js';
import { openTransformer } from './transformer.js';

const BATCHES_AHEAD = 3;
/** So many records may be refused before it is taken for the pipeline's fault. */
const MAX_REFUSED = 1_000;
/** Keys of records that are removed together. */
const REMOVED_AT_ONCE = 5_000;

/**
 * Exports profiles to a table: those that the table does not have yet as they are now. They are staged in the destination's own database first, so
 * that duplicate keys are known before anything is written.
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
    const staged = await stageProfiles(work, blueprint, writer);
    await failDuplicates(work, staged, writer);
    environment.tally.pass('Finalize', staged.unchanged);
    await onStage('staged');
    const removed = assignment.definition.onLeave === 'delete' ? await countRemovable(work) : 0;
    if (writer !== undefined) {
      await writeStaged(work, writer);
      if (removed > 0) await removeLeft(work, writer, blueprint);
    } else environment.tally.pass('Finalize', staged.added + staged.changed);
    // What was added and changed is counted by what is noted as accepted, also by attempts before this one.
    return dry ? { added: staged.added, changed: staged.changed, removed } : { added: null, changed: null, removed };
  } finally {
    await writer?.close();
  }
}

function destinationColumns({ transformation, outSchema }: TableBlueprint): DestinationColumn[] {
  return compiledOf(transformation).outPaths.map((name) => ({ name, type: propertyAt(outSchema, name).type }));
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

async function stageProfiles(
  work: ExportWork<DatabaseExportDefinition>,
  blueprint: TableBlueprint,
  writer: TableWriter | undefined,
): Promise<StagedProfiles> {
  const { assignment, attempt, environment } = work;
  const { signal, tally, onStage, openFunction } = environment;
  const columns = columnsOf(blueprint.inSchema);
  const transformer = await atStep('Transformation', signal, async () =>
    openTransformer(blueprint.transformation, openFunction),
  );
  const ready = unnoticed(transformer.ready(signal));
  let reader: ProfileReader | undefined;
  try {
    const query = {
      ...{ columns, filterColumns: columnsOf(assignment.profileSchema), filter: blueprint.filter, orderBy: null },
      unlessAcceptedUnder: assignment.full ? null : assignment.version,
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
    const staged: StagedProfiles = { next: 0, added: 0, changed: 0, unchanged: 0 };
    let delivered = 0;
    const batchWork = { take, ahead: BATCHES_AHEAD };
    for await (const outcome of takeAhead(reader.batches(), batchWork, signal)) {
      delivered += outcome.size;
      outcome.count(tally);
      await atStep('Finalize', signal, () => stageOutcome(work, outcome, { blueprint, writer, staged }));
      await onStage('staging');
      await nextTurn();
      signal.throwIfAborted();
    }
    passUnchanged(tally, reader.total - delivered);
    staged.unchanged += reader.total - delivered;
    return staged;
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

interface StagingTarget {
  readonly blueprint: TableBlueprint;
  readonly writer: TableWriter | undefined;
  readonly staged: StagedProfiles;
}

/** Stages what the table does not have; of the rest it is noted that the table has it as it is now. */
async function stageOutcome(
  { assignment, attempt, dry }: ExportWork<DatabaseExportDefinition>,
  { ready }: ProfileOutcome,
  { blueprint, writer, staged }: StagingTarget,
): Promise<void> {
  const rows: (readonly Value[])[] = [];
  const sent: SentRecord[] = [];
  const same: SentRecord[] = [];
  for (const profile of ready) {
    const record = sentRecord(profile, blueprint.keyPosition);
    if (isAccepted(profile, record, assignment.full)) {
      same.push(record);
      continue;
    }
    rows.push(profile.values);
    sent.push(record);
    staged[record.isNew ? 'added' : 'changed'] += 1;
  }
  staged.unchanged += same.length;
  if (same.length > 0 && !dry) await attempt.confirm(same);
  if (sent.length === 0) return;
  const first = staged.next;
  staged.next += sent.length;
  await Promise.all([attempt.stage(sent, first), writer?.stage(rows, first)]);
}

function sentRecord({ profile, values }: ReadyProfile, keyPosition: number): SentRecord {
  return {
    profile: profile.id,
    revision: profile.revision,
    key: String(values[keyPosition]),
    fingerprint: fingerprintOf(values),
    externalId: null,
    isNew: profile.accepted === null,
  };
}

/** Profiles with the same key fail, all of them: nobody can say whose the row is. */
async function failDuplicates(
  { assignment, attempt, environment }: ExportWork<DatabaseExportDefinition>,
  staged: StagedProfiles,
  writer: TableWriter | undefined,
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
      await writer?.exclude(sequences);
    });
  }
}

async function writeStaged(
  { attempt, environment }: ExportWork<DatabaseExportDefinition>,
  writer: TableWriter,
): Promise<void> {
  const { signal, tally, onStage } = environment;
  const failed = new FailedProfiles(environment, []);
  let refused = 0;
  // The last moment at which somebody else may have begun: from here on only the destination itself can tell.
  await atStep('Finalize', signal, () => attempt.requireOwnership());
  const batches = writer.write()[Symbol.asyncIterator]();
  for (;;) {
    const next = await atStep('Finalize', signal, () => batches.next());
    if (next.done) return;
    const batch = next.value;
    refused += batch.refused.length;
    if (batch.refused.length > 0) {
      const sequences = batch.refused.map(({ sequence }) => sequence);
      const profiles = await atStep('Finalize', signal, () => attempt.refuse(sequences));
      for (const [index, { message }] of batch.refused.entries()) {
        failed.addAtFinalize(profiles[index] ?? '', { code: 'Refused', message });
      }
    }
    if (refused > MAX_REFUSED) throw tooManyRefused(batch.refused[0]?.message);
    tally.pass('Finalize', batch.written);
    await onStage('sending');
    signal.throwIfAborted();
  }
}

function tooManyRefused(message = ''): StepError {
  return new StepError('Finalize', 'TooManyRefusedRecords', {
    message: `the destination refused more than ${MAX_REFUSED} records; one of the last because ${message}`,
  });
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
        for await (const _ of writer.remove(part.flatMap(({ key: text }) => (text === null ? [] : [key(text)])))) {
          await onStage('sending');
        }
        await attempt.forget(part.map(({ profile }) => profile));
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
