/** What a dry run found: what a run would do at the other side. Nothing of it was written. */
export interface DryRunResult {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Records that have the identifier of another record, which wins. */
  readonly merged: number;
  /** What its reader should know, such as why nothing would be removed. */
  readonly notice: string | null;
}
