/** Where a record is in its file, from 1. */
export type RecordPlace = { readonly line: number } | { readonly record: number };

/** What comes next at the position of the window: a record, or more has to arrive before that is known, or nothing more. */
export type Found = 'record' | 'more' | 'end';

/** How records follow each other in a file. It moves the position of the window between them; the record itself is read by others. */
export interface Framing {
  /** Where the record that was found has to end, at the latest. */
  readonly end: number;
  /** Whether the record that was found is known to end there: nothing that arrives can complete it. */
  readonly isWhole: boolean;
  /** Moves to the next record. Throws AppError InvalidFile. */
  find(): Found;
  /** Moves past the record that was found, which ends before a position; false where what follows makes it invalid. */
  passTo(position: number): boolean;
  /** Moves past a record that is not valid JSON; false where what follows it cannot be found. */
  skip(): boolean;
  /** Where the record is that was passed last. */
  place(): RecordPlace;
}
