import { decodeArrayOf } from '@penstock/postgresql';
import { builtInType, ENUMERATION, extensionType, type FieldType } from './field-types.js';
import type { PostgresqlSession } from './session.js';

/** What the database says about a type that not every database has. */
interface CatalogType {
  readonly oid: number;
  readonly name: string;
  /** As SQL writes it, for people. */
  readonly label: string;
  /** `b` base, `d` domain, `e` enumeration, and others. */
  readonly form: string;
  /** Type of the elements when it is an array, else 0. */
  readonly element: number;
  /** Type that a domain restricts, else 0. */
  readonly base: number;
  readonly modifier: number;
}

/** The types of the columns, of their elements and of what domains restrict. Vectors have elements and are no arrays. */
const TYPES = `
WITH RECURSIVE types AS (
  SELECT t.oid, t.typname AS name, t.typtype AS form, coalesce(e.oid, 0) AS element, t.typbasetype AS base,
    t.typtypmod AS modifier
  FROM pg_catalog.pg_type t
  LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
), reached AS (
  SELECT * FROM types WHERE oid = ANY ($1::oid[])
  UNION
  SELECT types.* FROM reached JOIN types ON types.oid IN (reached.element, reached.base)
)
SELECT *, pg_catalog.format_type(oid, NULL) AS label FROM reached`;

/** A type by its oid and modifier. */
export interface TypeReference {
  readonly dataTypeID: number;
  readonly dataTypeModifier: number;
}

/** How the values of a type are written in binary: those of a domain are those of what it restricts. */
export interface WireType {
  readonly oid: number;
  /** Type of the elements when it is an array, else 0. */
  readonly element: number;
  /** Whether it is an enumeration, or a type of an extension that is seen as text. */
  readonly isText: boolean;
}

/** Knows the types of the columns of one query. */
export class TypeCatalog {
  readonly #types: ReadonlyMap<number, CatalogType>;

  private constructor(types: readonly CatalogType[]) {
    this.#types = new Map(types.map((type) => [type.oid, type]));
  }

  /** Asks the database about types only when there are some that not every database has. */
  static async of(session: PostgresqlSession, references: readonly TypeReference[]): Promise<TypeCatalog> {
    const unknown = references
      .filter(({ dataTypeID, dataTypeModifier }) => builtInType(dataTypeID, dataTypeModifier) === undefined)
      .map(({ dataTypeID }) => dataTypeID);
    return new TypeCatalog(unknown.length === 0 ? [] : await session.rows<CatalogType>(TYPES, [unknown]));
  }

  /** Undefined when the type is not supported. */
  resolve(oid: number, modifier: number): FieldType | undefined {
    const builtIn = builtInType(oid, modifier);
    if (builtIn !== undefined) return builtIn;
    const type = this.#types.get(oid);
    if (type === undefined) return undefined;
    if (type.base !== 0) return this.resolve(type.base, type.modifier);
    if (type.element !== 0) return this.#arrayOf(type.element, modifier);
    return type.form === 'e' ? ENUMERATION : extensionType(type.name);
  }

  /** The name of a type, for people. */
  label(oid: number): string {
    return this.#types.get(oid)?.label ?? 'unknown';
  }

  wireType(oid: number): WireType {
    const type = this.#types.get(oid);
    if (type === undefined) return { oid, element: 0, isText: false };
    if (type.base !== 0) return this.wireType(type.base);
    return { oid, element: type.element, isText: type.form === 'e' || extensionType(type.name) !== undefined };
  }

  #arrayOf(oid: number, modifier: number): FieldType | undefined {
    const element = this.resolve(oid, modifier);
    if (element === undefined) return undefined;
    return { type: { kind: 'array', elementType: element.type }, decoder: decodeArrayOf(element.decoder) };
  }
}
