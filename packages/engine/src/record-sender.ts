import { createHash } from 'node:crypto';
import type { ApplicationExportDefinition } from '@penstock/domain';
import type { Value } from '@penstock/language';
import { atStep } from './at-step.js';
import type { ApplicationOperation, ApplicationWriter, OutgoingRecord, RecordOutcome } from './destination.js';
import type { ExportWork } from './execute-export.js';
import type { ApplicationBlueprint } from './export-blueprint.js';
import type { ExportedProfile, SentRecord } from './export-warehouse.js';
import { compileFingerprint, type Fingerprint } from './fingerprint.js';
import { isAccepted } from './is-accepted.js';
import { compileAttributes, type ReadAttributes } from './outgoing-attributes.js';
import { FailedProfiles, type ReadyProfile } from './profile-outcome.js';
import { unnoticed } from './take-ahead.js';

/** A profile of which users are being written: one, or all that match it. */
interface Sending {
  readonly record: SentRecord;
  /** Users whose outcome is not known yet. */
  waiting: number;
  rejected: string | null;
  externalId: string | null;
}

interface Outgoing {
  readonly sending: Sending;
  readonly record: OutgoingRecord;
}

export interface SenderContext {
  readonly blueprint: ApplicationBlueprint;
  readonly writer: ApplicationWriter;
}

/** Hands records to an application, in batches of one operation, several at a time, and notes what it has accepted. */
export class RecordSender {
  /** What a dry run would have sent. */
  readonly wouldSend = { added: 0, changed: 0 };
  readonly #work: ExportWork<ApplicationExportDefinition>;
  readonly #writer: ApplicationWriter;
  readonly #failed: FailedProfiles;
  readonly #attributes: Readonly<Record<ApplicationOperation, ReadAttributes>>;
  readonly #fingerprint: Fingerprint;
  readonly #filling: Record<ApplicationOperation, Outgoing[]> = { create: [], update: [] };
  readonly #underWay = new Set<Promise<void>>();
  /** What a call that nobody waited for at its time has thrown. */
  #failure: { readonly error: unknown } | undefined;

  constructor(work: ExportWork<ApplicationExportDefinition>, { blueprint, writer }: SenderContext) {
    this.#work = work;
    this.#writer = writer;
    this.#failed = new FailedProfiles(work.environment, []);
    const { out, outPath } = blueprint.matching;
    this.#fingerprint = compileFingerprint(blueprint.create, [outPath]);
    this.#attributes = {
      create: compileAttributes(blueprint.create, outPath),
      // An application that cannot tell who its users are may know them by nothing else.
      update: compileAttributes(blueprint.update, out.updateRequired || !writer.knowsUsers ? outPath : null),
    };
  }

  /** Takes profiles over. Waits while as many calls are under way as the application takes at a time. */
  async send(ready: readonly ReadyProfile[], matchingOf: (profile: ExportedProfile) => Value): Promise<void> {
    const same: SentRecord[] = [];
    const ambiguous: string[] = [];
    for (const profile of ready) {
      const record = sentRecord(profile, this.#fingerprint);
      if (this.#isAmbiguous(profile)) {
        if (!record.isNew) ambiguous.push(record.profile);
      } else if (this.#isKnown(profile, record)) same.push(record);
      else await this.#enqueue(profile, record, matchingOf);
    }
    await this.#noteFailed(ambiguous);
    const { attempt, environment, dry } = this.#work;
    environment.tally.pass('Finalize', same.length);
    if (same.length > 0 && !dry) await atStep('Finalize', environment.signal, () => attempt.confirm(same));
  }

  /** Sends what is left, and waits for all outcomes. */
  async finish(): Promise<void> {
    for (const operation of ['create', 'update'] as const) await this.#flush(operation);
    await this.settled();
    this.#throwFailure();
  }

  /** Waits until nothing is under way any more: what the application accepts beside a call that fails is noted. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Nobody can say which of several is meant. */
  #isAmbiguous({ profile: { id, match } }: ReadyProfile): boolean {
    const { matching, updateOnDuplicates } = this.#work.assignment.definition;
    const users = match?.externalIds.length ?? 0;
    if (match?.duplicateOf != null) {
      const message = `profile ${id} has the same value of "${matching.in}" as profile ${match.duplicateOf}`;
      this.#failed.addAtFinalize(id, { code: 'DuplicateKey', message });
      return true;
    }
    if (users <= 1 || updateOnDuplicates) return false;
    const message = `${users} users of the application have the same value of "${matching.out}": remove the others there, or set updateOnDuplicates`;
    this.#failed.addAtFinalize(id, { code: 'DuplicateUsers', message });
    return true;
  }

  /** Whether the application has the record, and still has it; one that is only to be created it may have otherwise. */
  #isKnown(ready: ReadyProfile, record: SentRecord): boolean {
    const { accepted, match } = ready.profile;
    const { exportMode } = this.#work.assignment.definition;
    const users = match?.externalIds ?? [];
    const byThisRun = accepted?.byThisRun === true;
    if (exportMode === 'CreateOnly' && (users.length > 0 || byThisRun)) return true;
    if (!isAccepted(ready, record, this.#work.assignment.full)) return false;
    // Whom this run has sent the application may not show yet.
    if (byThisRun) return true;
    if (accepted?.externalId == null) return !this.#writer.knowsUsers || users.length > 0;
    return users.includes(accepted.externalId);
  }

  /** What is noted of them says nothing any more of what the application has. */
  async #noteFailed(profiles: readonly string[]): Promise<void> {
    if (profiles.length === 0) return;
    const { attempt, environment } = this.#work;
    await atStep('Finalize', environment.signal, () => attempt.noteFailed(profiles));
  }

  async #enqueue(
    { profile, values }: ReadyProfile,
    record: SentRecord,
    matchingOf: (profile: ExportedProfile) => Value,
  ): Promise<void> {
    const ids = profile.match?.externalIds ?? [];
    const operation = ids.length === 0 ? 'create' : 'update';
    if (this.#work.dry) {
      this.wouldSend[record.isNew ? 'added' : 'changed'] += 1;
      this.#work.environment.tally.pass('Finalize');
      return;
    }
    const attributes = this.#attributes[operation](values, matchingOf(profile));
    const sending: Sending = { record, waiting: Math.max(ids.length, 1), rejected: null, externalId: null };
    for (const externalId of ids.length === 0 ? [null] : ids) {
      const idempotencyKey = this.#idempotencyKey(record, externalId);
      this.#filling[operation].push({ sending, record: { externalId, attributes, idempotencyKey } });
      if (this.#filling[operation].length >= this.#writer.batchSize) await this.#flush(operation);
    }
  }

  #idempotencyKey({ profile, fingerprint }: SentRecord, externalId: string | null): string {
    const { pipeline, run } = this.#work.assignment;
    // The run is part of it: whoever asks for everything to be sent again means it.
    const parts = [pipeline, run, profile, fingerprint, externalId ?? ''];
    return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
  }

  async #flush(operation: ApplicationOperation): Promise<void> {
    const batch = this.#filling[operation];
    if (batch.length === 0) return;
    this.#filling[operation] = [];
    while (this.#underWay.size >= this.#writer.concurrency) await Promise.race(this.#underWay);
    this.#throwFailure();
    const call: Promise<void> = this.#write(operation, batch)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(call));
    this.#underWay.add(unnoticed(call));
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #write(operation: ApplicationOperation, batch: readonly Outgoing[]): Promise<void> {
    const { attempt, environment } = this.#work;
    const { signal, onStage, tally } = environment;
    await atStep('Finalize', signal, () => attempt.requireOwnership());
    const records = batch.map(({ record }) => record);
    const outcomes = await atStep('Finalize', signal, () => this.#writer.write(operation, records));
    const accepted = batch.flatMap((outgoing, index) => settled(outgoing, outcomes[index]) ?? []);
    const written = accepted.filter(({ rejected }) => rejected === null);
    const sent = written.map(({ record, externalId }) => ({ ...record, externalId }));
    if (sent.length > 0) await atStep('Finalize', signal, () => attempt.accept(sent));
    tally.pass('Finalize', sent.length);
    const refused = accepted.filter(({ rejected }) => rejected !== null);
    for (const { record, rejected } of refused) {
      this.#failed.addAtFinalize(record.profile, { code: 'Rejected', message: rejected ?? '' });
    }
    await this.#noteFailed(refused.flatMap(({ record }) => (record.isNew ? [] : [record.profile])));
    await onStage('sending');
  }
}

/** The profile, when the outcomes of all of its users are known: it is written when all of them are. */
function settled({ sending, record }: Outgoing, outcome: RecordOutcome | undefined): Sending | undefined {
  if (outcome === undefined) sending.rejected ??= 'the application did not say what became of the record';
  else if (outcome.kind === 'rejected') sending.rejected ??= outcome.message;
  else sending.externalId ??= outcome.externalId ?? record.externalId;
  sending.waiting -= 1;
  return sending.waiting === 0 ? sending : undefined;
}

function sentRecord({ profile, values }: ReadyProfile, fingerprint: Fingerprint): SentRecord {
  return {
    profile: profile.id,
    revision: profile.revision,
    key: profile.match?.value ?? null,
    fingerprint: fingerprint(values),
    externalId: null,
    isNew: profile.accepted === null,
  };
}
