interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (result: O) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Does the same work for many callers in one round trip: what is asked for while a batch is under way waits for the next one.
 * A caller alone waits for nothing; under load round trips become few. One batch at a time is also the fastest measured:
 * batches side by side are small and wait for each other's row locks. Work always begins after it was asked for, so a caller
 * never gets an answer that is older than its question.
 */
export class Batcher<I, O> {
  private waiting: Waiting<I, O>[] = [];
  private underWay = false;
  private readonly work: (items: readonly I[]) => Promise<readonly O[]>;
  private readonly workAlone: ((item: I) => Promise<O>) | undefined;
  private readonly maxItems: number;

  /**
   * `work` returns one result for each item, in their order. When it fails for several at once, `workAlone` is tried for each:
   * then nobody fails because of somebody else.
   */
  constructor(
    work: (items: readonly I[]) => Promise<readonly O[]>,
    workAlone?: (item: I) => Promise<O>,
    { maxItems = 100 }: { readonly maxItems?: number } = {},
  ) {
    this.work = work;
    this.workAlone = workAlone;
    this.maxItems = maxItems;
  }

  do(item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.underWay) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.underWay = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.maxItems);
      try {
        const results = await this.work(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as O);
      } catch (error) {
        await this.afterFailure(batch, error);
      }
    }
    this.underWay = false;
  }

  private async afterFailure(batch: readonly Waiting<I, O>[], error: unknown): Promise<void> {
    const { workAlone } = this;
    if (workAlone === undefined || batch.length === 1) {
      for (const { reject } of batch) reject(error);
      return;
    }
    await Promise.all(batch.map(({ item, resolve, reject }) => workAlone(item).then(resolve, reject)));
  }
}
