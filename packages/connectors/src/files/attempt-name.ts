import { type DestinationOwner, FenceLostError } from '@penstock/engine';

const NAME = /^\.penstock-(\d{1,15})-(\d{1,15})-(\d{1,15})\.tmp$/;

/** The name of a file that an attempt has not finished: hidden, and telling whose it is. */
export function attemptName({ pipeline, run, epoch }: DestinationOwner): string {
  return `.penstock-${pipeline}-${run}-${epoch}.tmp`;
}

/**
 * Of the names in a directory, those of the files that this attempt, or earlier ones of its pipeline, left unfinished. Throws
 * FenceLostError when there is one of a later attempt: then this one has been given up.
 */
export function earlierAttempts(names: readonly string[], owner: DestinationOwner): readonly string[] {
  return names.filter((name) => {
    const [, pipeline, run = '', epoch = ''] = NAME.exec(name) ?? [];
    if (Number(pipeline) !== owner.pipeline) return false;
    const later = Number(run) - owner.run || Number(epoch) - owner.epoch;
    if (later > 0) {
      throw new FenceLostError(`the file ${name} beside the one to be written is of a later attempt of the pipeline`);
    }
    return true;
  });
}
