/** A publish may remove this share of a pipeline's identities without being asked. */
export const DEFAULT_MAX_REMOVED_SHARE = 0.3;
/** Removing this many identities or fewer is never braked, unless it is all of them. */
const ALWAYS_ALLOWED = 100;

export interface Removal {
  /** Identities that the publish would remove. */
  readonly removed: number;
  /** Identities that the pipeline has before the publish. */
  readonly existing: number;
  /** Records that the source returned. */
  readonly received: number;
  /** Greatest share (0..1) that may be removed. */
  readonly maxShare: number;
}

/**
 * Whether a publish must stop and ask: it would remove more than the allowed share and more than 100 identities, or all of
 * them because the source returned nothing. A share of 1 allows everything: whoever sets it has said so.
 */
export function brakes({ removed, existing, received, maxShare }: Removal): boolean {
  if (removed === 0 || maxShare >= 1) return false;
  if (received === 0) return removed === existing;
  return removed > ALWAYS_ALLOWED && removed > existing * maxShare;
}
