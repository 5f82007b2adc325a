import type { WarehouseColumn } from '@penstock/engine';
import type { Value } from '@penstock/language';
import { quoteIdentifier } from '@penstock/postgresql';
import { selectedColumn } from '../decode-value.js';

/** How the values of columns are selected, and read. Dates must come in ISO style, see {@link ISO_DATES}. */
export interface AttributesSelection {
  /** An array of the texts of the values, as SQL. */
  readonly sql: string;
  /** Makes the texts canonical values, by property path. */
  decode(texts: readonly (string | null)[]): Record<string, Value>;
}

/** What has to be selected before, in the session. */
export const ISO_DATES = "set_config('DateStyle', 'ISO, YMD', false)";

export function attributesSelection(columns: readonly WarehouseColumn[]): AttributesSelection {
  const selected = columns.map(({ path, column, type }) => {
    const { sql, decode } = selectedColumn(type);
    return { path, decode, sql: sql(quoteIdentifier(column)) };
  });
  return {
    sql: `ARRAY[${selected.map(({ sql }) => sql).join(', ')}]::text[]`,
    decode: (texts) => {
      const values = selected.map(({ path, decode }, index): [string, Value] => {
        const text = texts[index] ?? null;
        return [path, text === null ? null : decode(text)];
      });
      return Object.fromEntries(values);
    },
  };
}
