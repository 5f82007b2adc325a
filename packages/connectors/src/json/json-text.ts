import type { DestinationColumn, DestinationRow } from '@penstock/engine';
import type { RowText } from '../files/text-writer.js';
import { compileJson, type JsonOf } from '../files/value-json.js';
import { INDENTATION, indentJson } from './indent-json.js';
import type { JsonWriteSettings } from './write-settings.js';

/** What stands around the records of a form, and between them. */
const FORMS = {
  records: { before: '{"records":[', between: ',', after: ']}\n' },
  array: { before: '[', between: ',', after: ']\n' },
  lines: { before: '', between: '\n', after: '\n' },
} as const;

/** Depth of the records. */
const LEVELS = { records: 2, array: 1, lines: 0 } as const;

/** The text of a file of JSON: all columns in every record, null where there is no value. */
export class JsonText implements RowText {
  readonly #settings: JsonWriteSettings;
  readonly #members: readonly { readonly prefix: string; readonly encode: JsonOf }[];
  #records = 0;

  constructor(settings: JsonWriteSettings, columns: readonly DestinationColumn[]) {
    this.#settings = settings;
    const special = settings.allowSpecialFloats ? 'bare' : 'null';
    this.#members = columns.map(({ name, type }, index) => ({
      prefix: `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
      encode: compileJson(type, special),
    }));
  }

  begin(): string {
    const { form, indent } = this.#settings;
    return indent && form === 'records' ? `{\n${INDENTATION}"records": [` : FORMS[form].before;
  }

  row(row: DestinationRow): string {
    const { form, indent } = this.#settings;
    const object = this.#shown(this.#objectOf(row));
    const between = this.#records === 0 ? '' : FORMS[form].between;
    this.#records += 1;
    return indent ? `${between}${newLine(LEVELS[form])}${object}` : between + object;
  }

  end(): string {
    const { form, indent } = this.#settings;
    if (form === 'lines') return this.#records === 0 ? '' : FORMS.lines.after;
    if (!indent) return FORMS[form].after;
    const closed = this.#records === 0 ? ']' : `${newLine(LEVELS[form] - 1)}]`;
    return form === 'records' ? `${closed}\n}\n` : `${closed}\n`;
  }

  #objectOf(row: DestinationRow): string {
    const members = this.#members;
    let object = '{';
    for (let index = 0; index < members.length; index += 1) {
      const { prefix, encode } = members[index] as (typeof members)[number];
      const value = row[index] ?? null;
      object += prefix + (value === null ? 'null' : encode(value));
    }
    return `${object}}`;
  }

  /** As the settings want it. Values of kind json come with line breaks, too. */
  #shown(object: string): string {
    const { form, indent, generateASCII } = this.#settings;
    // Within texts JSON has no line breaks, nor other characters than ASCII elsewhere.
    const lined = form === 'lines' && /[\r\n]/.test(object) ? object.replace(/[\r\n]+/g, ' ') : object;
    const shown = indent ? indentJson(lined, LEVELS[form]) : lined;
    return generateASCII ? shown.replace(/[\u007f-\uffff]/g, escaped) : shown;
  }
}

function newLine(level: number): string {
  return `\n${INDENTATION.repeat(level)}`;
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
