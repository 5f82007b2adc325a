import { z } from 'zod';
import { integerText, runId, timestamp, timeText } from './wire-values.js';

export const occurrence = z
  .strictObject({
    dueAt: timestamp.meta({ description: 'For a `missed` entry the last of the due times that it stands for.' }),
    outcome: z.enum(['started', 'skipped', 'missed']),
    reason: z.enum(['inProgress', 'inspection', 'maintenance']).nullable(),
    run: runId.nullable(),
    missedFrom: timestamp.nullable(),
    missedCount: z.int().min(1).nullable(),
  })
  .meta({ id: 'Occurrence', description: 'A due time of a schedule and what became of it.' });

export const occurrenceList = z.strictObject({
  occurrences: z.array(occurrence),
  nextCursor: z.string().nullable(),
});

export const occurrenceListQuery = z.object({
  limit: integerText({ min: 1, max: 1000, default: 100 }),
  cursor: timeText.optional(),
});

interface RecordedOccurrence {
  readonly dueAt: Date;
  readonly outcome: 'started' | 'skipped' | 'missed';
  readonly reason: 'inProgress' | 'inspection' | 'maintenance' | null;
  readonly run: number | null;
  readonly missedFrom: Date | null;
  readonly missedCount: number | null;
}

export function encodeOccurrence(recorded: RecordedOccurrence): z.infer<typeof occurrence> {
  const { outcome, reason, run, missedCount } = recorded;
  return {
    dueAt: recorded.dueAt.toISOString(),
    ...{ outcome, reason, run },
    missedFrom: recorded.missedFrom?.toISOString() ?? null,
    missedCount,
  };
}
