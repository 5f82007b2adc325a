import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FileExportDefinition, StepError } from '@penstock/domain';
import type { Value } from '@penstock/language';
import { atStep } from './at-step.js';
import type { DestinationRow, FileDestination, FileWriter } from './destination.js';
import type { ExportEffect, ExportWork } from './execute-export.js';
import { type ExportBlueprint, exportBlueprint } from './export-blueprint.js';
import type { ExportedProfile, ProfileReader } from './export-warehouse.js';
import { columnsOf, compileProfileFields } from './profile-fields.js';
import { COPYING_STEPS } from './profile-outcome.js';
import { FenceLostError } from './warehouse.js';

/** Exports profiles as they are to a file, which is there as a whole or not at all. */
export async function exportToFile(
  work: ExportWork<FileExportDefinition>,
  destination: FileDestination,
): Promise<ExportEffect> {
  const { assignment, attempt, environment, dry } = work;
  const { signal, tally, onStage } = environment;
  const blueprint = exportBlueprint(assignment.definition, assignment.profileSchema);
  const query = {
    columns: columnsOf(blueprint.inSchema),
    filterColumns: columnsOf(assignment.profileSchema),
    filter: blueprint.filter,
    orderBy: assignment.definition.orderBy,
    unlessAcceptedUnder: null,
  };
  const reader = await atStep('Receive', signal, () => attempt.read(query));
  let writer: FileWriter | undefined;
  try {
    if (!dry) writer = await open(work, blueprint, destination);
    await onStage('opened');
    await copy(work, reader, { blueprint, writer });
    await onStage('staged');
    if (writer !== undefined) await commit(work, writer);
    tally.pass('Finalize', reader.total);
    return { added: reader.total, changed: 0, removed: 0 };
  } finally {
    await writer?.close();
    await reader.close();
  }
}

function open(
  { assignment, attempt, environment: { signal } }: ExportWork<FileExportDefinition>,
  { inSchema }: ExportBlueprint,
  destination: FileDestination,
): Promise<FileWriter> {
  const columns = inSchema.properties.map(({ name, type }) => ({ name, type }));
  const request = { owner: assignment, columns, startTime: assignment.startTime };
  return atStep('Finalize', signal, async () => {
    try {
      return await destination.open(request, signal);
    } catch (error) {
      if (!(error instanceof FenceLostError)) throw error;
      // Throws when there is a later attempt indeed.
      await attempt.requireOwnership();
      throw foreignLeftover(error);
    }
  });
}

/** What a storage has of a later attempt, though the warehouse knows of none: the next attempt would find it again. */
function foreignLeftover(cause: FenceLostError): StepError {
  return new StepError('Finalize', 'DestinationRefused', {
    message:
      `${cause.message}, although there is none: the control database was restored, or copied for another installation; ` +
      'make sure that no other one exports to this directory, and remove that file',
    cause,
  });
}

interface Copying {
  readonly blueprint: ExportBlueprint;
  readonly writer: FileWriter | undefined;
}

async function copy(
  { environment }: ExportWork<FileExportDefinition>,
  reader: ProfileReader,
  { blueprint, writer }: Copying,
): Promise<void> {
  const { signal, tally, onStage } = environment;
  const read = compileProfileFields(blueprint.inSchema, reader.columns);
  const rowOf = ({ fields }: ExportedProfile): DestinationRow => {
    const row = new Array<Value>(blueprint.inSchema.properties.length);
    read(fields, row);
    // What a profile lacks is empty in a file.
    for (let index = 0; index < row.length; index += 1) row[index] ??= null;
    return row;
  };
  const batches = reader.batches()[Symbol.asyncIterator]();
  for (;;) {
    const next = await atStep('Receive', signal, () => batches.next());
    if (next.done) return;
    await atStep('Finalize', signal, async () => writer?.write(next.value.map(rowOf)));
    for (const step of COPYING_STEPS) tally.pass(step, next.value.length);
    await onStage('staging');
    await nextTurn();
    signal.throwIfAborted();
  }
}

/** A run that was taken over must not replace what its successor writes. */
async function commit({ attempt, environment }: ExportWork<FileExportDefinition>, writer: FileWriter): Promise<void> {
  await atStep('Finalize', environment.signal, async () => {
    await attempt.requireOwnership();
    await writer.commit();
  });
}
