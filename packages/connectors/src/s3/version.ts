const BY_TIME = 'modified ';
const MS_PER_SECOND = 1_000;

interface Described {
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
}

/**
 * Another text when an object has changed: its ETag, else its time and size; null where the service says neither. Lists tell
 * times more precisely than answers about one object: seconds are what both have.
 */
export function versionOf({ ETag, LastModified }: Described, size: number | null): string | null {
  if (ETag !== undefined) return ETag;
  if (LastModified === undefined || size === null) return null;
  return `${BY_TIME}${Math.floor(LastModified.getTime() / MS_PER_SECOND)}-${size}`;
}

/** The ETag that a version is; null when it is made of something else. */
export function etagOf(version: string | null): string | null {
  return version?.startsWith(BY_TIME) === true ? null : version;
}
