import { parseEntityId, parseRunId, SCHEDULE_PERIODS, type SchedulePeriod } from '@penstock/domain';
import { z } from 'zod';

const MAX_ENTITY_ID = 2_147_483_647;

/** Id of a workspace, connection or pipeline in a path or a query. */
export const entityIdText = idText('entity', parseEntityId, MAX_ENTITY_ID);

/** Id of a run in a path or a query. */
export const runIdText = idText('run', parseRunId, Number.MAX_SAFE_INTEGER);

/** Id of a workspace, connection or pipeline in a body. */
export const entityId = z
  .int()
  .min(1)
  .max(MAX_ENTITY_ID)
  .meta({ description: 'An integer in 1..2147483647.', example: 705981339 });

/** Id of a run in a body. */
export const runId = z.int().min(1).meta({ description: 'An integer in 1..2^53-1 that grows with time.', example: 41 });

/** A time in a body: ISO 8601, UTC, with milliseconds. */
export const timestamp = z.iso
  .datetime({ precision: 3 })
  .meta({ description: 'ISO 8601, UTC, with milliseconds.', example: '2026-05-01T06:30:00.000Z' });

/** A time in a query: ISO 8601 with an offset or Z. */
export const timeText = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time such as 2026-05-01T06:30:00Z' })
  .transform((text) => new Date(text));

/** How often a schedule is due. */
export const schedulePeriod = z.enum(SCHEDULE_PERIODS as [SchedulePeriod, ...SchedulePeriod[]]);

/** A flag that may be left out. */
export const optionalBoolean = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false)
  .meta({ default: false });

/** Text that may be absent: null and "" say so too, because that is how GET shows an absent one. */
export const optionalText = (max: number, problemOf: (value: string) => string | undefined = () => undefined) =>
  z
    .string()
    .nullish()
    .transform((value, context): string | null => {
      if (!value) return null;
      const problem = textProblem(value, max) ?? problemOf(value);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      return value;
    });

/** Text of 1..`max` code points without what PostgreSQL cannot hold. */
export function text(max: number) {
  return z
    .string()
    .superRefine((value, context) => {
      const problem = textProblem(value, max);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .meta({ minLength: 1, maxLength: max });
}

/** What is wrong with a text that must have 1..`max` code points. */
export function textProblem(value: string, max: number): string | undefined {
  if (value === '') return 'must not be empty';
  // A code point is one or two units: only texts near the limit have to be counted.
  if (value.length > max && [...value].length > max) return `must not be longer than ${max} characters`;
  if (value.includes('\0')) return 'must not contain the NUL character';
  return /\p{Surrogate}/u.test(value) ? 'must be valid Unicode text' : undefined;
}

/** What is wrong with the name of a sheet, as spreadsheets see it. */
export function sheetProblem(name: string): string | undefined {
  if (/^(?!')[^*/:?[\\\]]+(?<!')$/.test(name)) return undefined;
  return `must not begin or end with "'" or have one of * / : ? [ \\ ]`;
}

/** A whole number in a query. */
export function integerText(range: { readonly min: number; readonly max: number; readonly default: number }) {
  const { min, max } = range;
  return z
    .string()
    .optional()
    .transform((value, context): number => {
      if (value === undefined) return range.default;
      const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= min && number <= max) return number;
      context.addIssue({ code: 'custom', message: `must be an integer in ${min}..${max}` });
      return z.NEVER;
    })
    .meta({ override: { type: 'integer', minimum: min, maximum: max, default: range.default } });
}

/** `true` or `false` in a query. */
export const booleanText = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .meta({ override: { type: 'boolean', enum: [true, false] } });

function idText(name: string, parse: (text: string) => number | undefined, maximum: number) {
  return z
    .string()
    .transform((value, context): number => {
      const id = parse(value);
      if (id !== undefined) return id;
      const message = `must be ${name === 'run' ? 'a run' : 'an'} id: digits without sign or leading zero, 1..${maximum}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .meta({ override: { type: 'integer', minimum: 1, maximum } });
}
