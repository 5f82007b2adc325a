import type { UnreadableRecord } from '@penstock/engine';

interface Unshown {
  count: number;
  /** Where the first one is, as `line 4 of file "b.csv"`; null where nobody says it. */
  readonly place: string | null;
}

/** Counts the records that a preview cannot show, by what is wrong with them. */
export class UnshownRecords {
  readonly #byMessage = new Map<string, Unshown>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(record: UnreadableRecord): void {
    const { message } = record;
    this.#count += 1;
    const known = this.#byMessage.get(message);
    if (known === undefined) this.#byMessage.set(message, { count: 1, place: placeOf(record) });
    else known.count += 1;
  }

  /** A sentence for every kind of problem. */
  issues(): string[] {
    return [...this.#byMessage].map(([message, { count, place }]) => {
      if (count === 1) return `a record is not shown${place === null ? '' : `, in ${place}`}: ${message}`;
      return `${count} records are not shown${place === null ? '' : `, the first in ${place}`}: ${message}`;
    });
  }
}

/** What a record says of its place begins with one of these. */
const PLACES = ['line', 'row', 'record'] as const;

function placeOf({ record }: UnreadableRecord): string | null {
  const shown = record === undefined ? {} : (JSON.parse(record()) as Readonly<Record<string, unknown>>);
  const unit = PLACES.find((name) => typeof shown[name] === 'number');
  if (unit === undefined) return typeof shown.file === 'string' ? `file "${shown.file}"` : null;
  return `${unit} ${shown[unit]}${typeof shown.file === 'string' ? ` of file "${shown.file}"` : ''}`;
}
