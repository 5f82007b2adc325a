import type { Type } from '../types/type.js';
import type { Value, ValueFailure } from '../values/value.js';
import type { Layouts } from './layouts.js';
import { normaliseArray } from './normalise-array.js';
import { normaliseDecimal } from './normalise-decimal.js';
import { normaliseFloat } from './normalise-float.js';
import { normaliseDate, normaliseDatetime, normaliseTime } from './normalise-instant.js';
import { normaliseInt, normaliseYear } from './normalise-int.js';
import { normaliseJson } from './normalise-json.js';
import { normaliseMap, normaliseObject } from './normalise-object.js';
import { normaliseBoolean, normaliseIp, normaliseString, normaliseUuid } from './normalise-text.js';
import { NOT_READABLE, type Normaliser, NULL_REFUSED, Refusal } from './refusal.js';

export interface NormalisationOptions {
  /** Whether null may stand there; null and undefined are null. */
  readonly nullable: boolean;
  /** Path of the property, for messages; absent for the value itself. */
  readonly path?: string;
  readonly layouts?: Layouts;
}

/**
 * Compiles how a value that a driver, a file format or an application delivers becomes the canonical form of its type, with all
 * constraints of the type checked. The result never throws, whatever the value does, and keeps no reference to it.
 *
 * | kind | raw values |
 * |---|---|
 * | string | text, bytes (UTF-8); an empty text that is not among the allowed values is null, within a value only where null is allowed |
 * | boolean | booleans, the texts `true` and `false` |
 * | int, year | integral numbers, bigints, decimal text or bytes, number objects with an integral value |
 * | float | numbers of the bit size, bigints and number objects that it holds exactly, text |
 * | decimal | text, bytes, bigints, number objects; numbers are rounded to the scale; `""` is null * |
 * | datetime, date | Date, text in the layout; numbers and bigints where the layout counts from 1970; `""` is null * |
 * | time | as date, and bytes; `hh:mm:ss[.f]` or the clock of an ISO 8601 datetime without a layout |
 * | uuid | 36 characters, 16 bytes; `""` is null * |
 * | json | text and bytes are JSON text, kept as it is; everything else is encoded; `""` is null * |
 * | ip | text (network mask and zone are dropped), 4 or 16 bytes |
 * | array | arrays, typed arrays; of json also the text of a JSON array |
 * | object | plain objects, Maps; unknown keys are dropped |
 * | map | plain objects, Maps with keys of text; of json also the text of a JSON object |
 *
 * \* where null is allowed. A number object is an instance of a class whose `toString` writes a decimal number.
 * Failures are of step InputValidation; their messages name the property (`a.b[0].c`, `p["key"]`), never the value.
 * @throws TimeFormatError when a layout is none.
 */
export function compileNormalisation(
  type: Type,
  options: NormalisationOptions,
): (raw: unknown) => Value | ValueFailure {
  const { nullable, path = '', layouts = {} } = options;
  const normalise = nullAware(type, { nullable, dropsEmpty: true, layouts });
  return (raw) => {
    try {
      const normalised = normalise(raw);
      return normalised instanceof Refusal ? normalised.at(path) : normalised;
    } catch {
      // A getter, a proxy or a method of the value has thrown.
      return NOT_READABLE.at(path);
    }
  };
}

/** Where a value stands. */
interface Place {
  readonly nullable: boolean;
  /** Whether an empty text that is not among the allowed values is null there. */
  readonly dropsEmpty: boolean;
  readonly layouts: Layouts;
}

/** The normaliser of a type that also takes null and undefined. */
function nullAware(type: Type, place: Place): Normaliser {
  const { nullable } = place;
  const normalise = normaliserOf(type, place);
  const onNull = nullable ? null : NULL_REFUSED;
  return (raw) => (raw === null || raw === undefined ? onNull : normalise(raw));
}

/** Within a value null is only where it may be: an element is never null. */
function nested(type: Type, nullable: boolean, layouts: Layouts): Normaliser {
  return nullAware(type, { nullable, dropsEmpty: nullable, layouts });
}

function normaliserOf(type: Type, { nullable, dropsEmpty, layouts }: Place): Normaliser {
  switch (type.kind) {
    case 'string':
      return normaliseString(type, dropsEmpty);
    case 'int':
      return normaliseInt(type);
    case 'float':
      return normaliseFloat(type);
    case 'decimal':
      return normaliseDecimal(type, nullable);
    case 'array':
      return normaliseArray(type, nested(type.elementType, false, layouts));
    case 'map':
      return normaliseMap(type, nested(type.elementType, false, layouts));
    case 'object':
      return normaliseObject(
        type,
        type.properties.map((property) => ({
          property,
          normalise: nested(property.type, property.nullable === true, layouts),
        })),
      );
    case 'boolean':
      return normaliseBoolean(type);
    case 'year':
      return normaliseYear(type);
    case 'uuid':
      return normaliseUuid(type, nullable);
    case 'ip':
      return normaliseIp(type);
    case 'json':
      return normaliseJson(type, nullable);
    case 'datetime':
      return normaliseDatetime(type, nullable, layouts.datetime);
    case 'date':
      return normaliseDate(type, nullable, layouts.date);
    case 'time':
      return normaliseTime(type, nullable, layouts.time);
  }
}
