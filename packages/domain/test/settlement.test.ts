import { describe, expect, it } from 'vitest';
import { AppError, StepError, settleRun } from '../src/index.js';

const DELAYS = [5_000, 30_000, 120_000];
const unreachable = new StepError('Receive', 'SourceUnavailable');

describe('settleRun', () => {
  it('retries a retryable error with the delays in their order and then fails', () => {
    for (const [retries, delayMs] of DELAYS.entries()) {
      expect(settleRun({ kind: 'threw', error: unreachable }, retries, DELAYS)).toMatchObject({
        kind: 'retry',
        delayMs,
      });
    }
    expect(settleRun({ kind: 'threw', error: unreachable }, DELAYS.length, DELAYS)).toMatchObject({
      kind: 'fail',
      error: { code: 'SourceUnavailable', step: 'Receive' },
    });
  });

  it('fails at once with an error that trying again cannot mend', () => {
    const error = new StepError('Finalize', 'DeleteBrake', { message: 'would remove 400 of 500' });
    expect(settleRun({ kind: 'threw', error }, 0, DELAYS)).toEqual({
      kind: 'fail',
      error: { code: 'DeleteBrake', step: 'Finalize', message: 'would remove 400 of 500' },
    });
  });

  it('shows nothing of an unexpected error to the user', () => {
    const settlement = settleRun({ kind: 'threw', error: new Error('password=hunter2') }, 0, DELAYS);
    expect(settlement).toMatchObject({ kind: 'fail', error: { code: 'InternalError' } });
    expect(JSON.stringify(settlement)).not.toContain('hunter2');
  });

  it('hands back on shutdown, cancels on request, and leaves a lost run to its new owner', () => {
    const kindFor = (reason: 'shutdown' | 'cancelled' | 'lost') =>
      settleRun({ kind: 'stopped', reason }, 0, DELAYS).kind;
    expect([kindFor('shutdown'), kindFor('cancelled'), kindFor('lost')]).toEqual(['hand-back', 'cancel', 'abandon']);
  });

  it('shows the cancelled run the documented words', () => {
    expect(new AppError('RunCancelled').message).toBe('run was cancelled');
  });
});
