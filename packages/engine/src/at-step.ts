import { AppError, type Step, StepError } from '@penstock/domain';

/** Gives an expected error of a port the step at which it happened; a stop shows as its reason, not as its consequences. */
export async function atStep<T>(step: Step, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError) || error instanceof StepError) throw error;
    throw new StepError(step, error.code, { message: error.message, cause: error });
  }
}
