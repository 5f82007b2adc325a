import { type Property, toDataJson, type Value } from '@penstock/language';

/** What a transformation writes. */
export interface OutputShape {
  readonly outPaths: readonly string[];
  /** By position of `outPaths`. */
  readonly outProperties: readonly Property[];
}

type Json = Record<string, unknown>;

/** The JSON of a record from its values by out path: nested, without what was left out, which is null where null is not allowed. */
export function outputRecord({ outPaths, outProperties }: OutputShape, values: readonly Value[]): Json {
  const record = emptyObject();
  for (const [position, property] of outProperties.entries()) {
    const value = values[position] ?? null;
    if (value === null && !property.nullable) continue;
    const names = outPaths[position]?.split('.') ?? [];
    place(record, names, toDataJson(property.type, value));
  }
  return record;
}

function place(record: Json, names: readonly string[], json: unknown): void {
  let object = record;
  for (const name of names.slice(0, -1)) {
    const inner = (object[name] ?? emptyObject()) as Json;
    object[name] = inner;
    object = inner;
  }
  const last = names.at(-1);
  if (last !== undefined) object[last] = json;
}

/** Names such as `constructor` are ordinary in it. */
function emptyObject(): Json {
  return Object.create(null) as Json;
}
