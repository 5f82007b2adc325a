/** The fifteen kinds of values, by the names that they have in JSON. */
export const KINDS = [
  'string',
  'boolean',
  'int',
  'float',
  'decimal',
  'datetime',
  'date',
  'time',
  'year',
  'uuid',
  'json',
  'ip',
  'array',
  'object',
  'map',
] as const;

export type Kind = (typeof KINDS)[number];

/** Text. `pattern` and `values` exclude each other; a pattern may match anywhere in the text. */
export interface StringType {
  readonly kind: 'string';
  /** Length in bytes of UTF-8. */
  readonly maxBytes?: number;
  /** Length in code points. */
  readonly maxLength?: number;
  readonly pattern?: string;
  /** The only allowed texts, at least one. */
  readonly values?: readonly string[];
}

export type IntBitSize = 8 | 16 | 24 | 32 | 64;

/** An integer. The bounds are absent where they are those of the bit size; they are safe integers. */
export interface IntType {
  readonly kind: 'int';
  readonly bitSize: IntBitSize;
  readonly unsigned?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A floating point number; `real` excludes NaN and the infinities. */
export interface FloatType {
  readonly kind: 'float';
  readonly bitSize: 32 | 64;
  readonly real?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** An exact number of at most `precision` digits, `scale` of them (default 0) after the point; bounds are decimal text. */
export interface DecimalType {
  readonly kind: 'decimal';
  readonly precision: number;
  readonly scale?: number;
  readonly minimum?: string;
  readonly maximum?: string;
}

export type SimpleKind = 'boolean' | 'datetime' | 'date' | 'time' | 'year' | 'uuid' | 'json' | 'ip';

/** A kind without parameters. */
export interface SimpleType {
  readonly kind: SimpleKind;
}

export interface ArrayType {
  readonly kind: 'array';
  readonly elementType: Type;
  readonly minElements?: number;
  readonly maxElements?: number;
  /** Never on elements of kind json, array, object or map. */
  readonly uniqueElements?: boolean;
}

/** Values of one type under any keys. */
export interface MapType {
  readonly kind: 'map';
  readonly elementType: Type;
}

/** Named properties, at least one, in an order that is part of the type. */
export interface ObjectType {
  readonly kind: 'object';
  readonly properties: readonly Property[];
}

/** A type of values. Immutable; a parameter that has its default is absent. */
export type Type = StringType | IntType | FloatType | DecimalType | SimpleType | ArrayType | MapType | ObjectType;

/** A property of an object or, at the top, of a schema. A flag that is not set is absent. */
export interface Property {
  readonly name: string;
  /** Placeholder that a form shows for the property. */
  readonly prefilled?: string;
  readonly type: Type;
  readonly createRequired?: boolean;
  readonly updateRequired?: boolean;
  /** A record that is read may lack the property. */
  readonly readOptional?: boolean;
  readonly nullable?: boolean;
  readonly description: string;
}
