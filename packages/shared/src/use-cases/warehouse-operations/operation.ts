/** What is done to a workspace's warehouse in the background: resolving its identities, altering its profile schema. */
export type OperationKind = 'resolution' | 'alteration';

/** Who owns an operation. Every write about a running operation names it, and changes nothing once somebody else owns it. */
export interface OperationOwner {
  readonly operation: number;
  readonly epoch: number;
}

/** What an alteration changes, as it was checked when it was asked for. */
export interface AlterationRequest {
  /** The new profile schema, in its JSON form. */
  readonly schema: unknown;
  /** By path of a leaf property in the new schema, the path of the one whose values it keeps. */
  readonly kept: Readonly<Record<string, string>>;
  /** Connection by path; null keeps those of the properties that are kept. */
  readonly primarySources: Readonly<Record<string, number>> | null;
}

/**
 * A claimed operation with all that it needs; settings as they are now, encrypted. `identifiers` and `primarySources` are those of
 * the workspace.
 */
export interface ClaimedOperation extends OperationOwner {
  readonly workspace: number;
  readonly kind: OperationKind;
  /** Attempts that failed. */
  readonly attempts: number;
  /** How an earlier attempt ended is not known. */
  readonly mayBeDone: boolean;
  /** Names the operation to the warehouse; never given to another one, also not after the control database was restored. */
  readonly name: string;
  /** null for a resolution. */
  readonly request: AlterationRequest | null;
  /** A resolution of all identities, whatever has changed. */
  readonly full: boolean;
  /** The worker before was told to let go of it and died: whoever claims it hands it back. */
  readonly stopRequested: boolean;
  readonly platform: string;
  readonly settings: string;
  /** In its JSON form. */
  readonly profileSchema: unknown;
  readonly identifiers: readonly string[];
  readonly primarySources: Readonly<Record<string, number>>;
}

/**
 * Operations that a mode of the warehouse does not allow: resolutions need Normal, alterations anything but Inspection.
 * `mode` and `kind` are SQL.
 */
export function isForbiddenSql(mode: string, kind: string): string {
  return `(${mode} = 'Inspection' OR (${kind} = 'resolution' AND ${mode} <> 'Normal'))`;
}
