import type { ThriftReader } from './thrift-reader.js';

/** Physical types, by their numbers in the format. */
export const PHYSICAL = {
  boolean: 0,
  int32: 1,
  int64: 2,
  int96: 3,
  float: 4,
  double: 5,
  byteArray: 6,
  fixed: 7,
} as const;

export const REQUIRED = 0;
export const OPTIONAL = 1;
export const REPEATED = 2;

/** Annotations of today, by their names in the format; those that are not here cannot be read. */
const LOGICAL: ReadonlyMap<number, string> = new Map([
  [1, 'STRING'],
  [2, 'MAP'],
  [3, 'LIST'],
  [4, 'ENUM'],
  [5, 'DECIMAL'],
  [6, 'DATE'],
  [7, 'TIME'],
  [8, 'TIMESTAMP'],
  [10, 'INTEGER'],
  [11, 'NULL'],
  [12, 'JSON'],
  [13, 'BSON'],
  [14, 'UUID'],
  [15, 'FLOAT16'],
  [16, 'VARIANT'],
  [17, 'GEOMETRY'],
  [18, 'GEOGRAPHY'],
]);

/** Annotations of old, each as that of today which it is. */
const CONVERTED: readonly Annotation[] = [
  { name: 'STRING' },
  { name: 'MAP' },
  { name: 'MAP' },
  { name: 'LIST' },
  { name: 'ENUM' },
  { name: 'DECIMAL' },
  { name: 'DATE' },
  { name: 'TIME', unit: 1 },
  { name: 'TIME', unit: 2 },
  { name: 'TIMESTAMP', unit: 1 },
  { name: 'TIMESTAMP', unit: 2 },
  ...[8, 16, 32, 64].map((bitWidth) => ({ name: 'INTEGER', bitWidth, signed: false })),
  ...[8, 16, 32, 64].map((bitWidth) => ({ name: 'INTEGER', bitWidth, signed: true })),
  { name: 'JSON' },
  { name: 'BSON' },
  { name: 'INTERVAL' },
];

/** What a physical type stands for. */
export interface Annotation {
  readonly name: string;
  readonly scale?: number;
  readonly precision?: number;
  /** 1 milliseconds, 2 microseconds, 3 nanoseconds. */
  readonly unit?: number;
  readonly bitWidth?: number;
  readonly signed?: boolean;
}

/** One element of a file's schema, which is a tree in depth-first order. */
export interface SchemaElement {
  readonly name: string;
  /** undefined: it is a group. */
  readonly physical: number | undefined;
  /** Bytes of a value of fixed length. */
  readonly width: number;
  readonly repetition: number;
  readonly children: number;
  readonly annotation: Annotation | undefined;
}

/** Throws AppError InvalidFile. */
export function readSchemaElement(reader: ThriftReader, type: number): SchemaElement {
  const ints: number[] = [];
  let name = '';
  let logical: Annotation | undefined;
  reader.struct(type, (id, field) => {
    if (id === 4) name = reader.text(field);
    else if (id === 10) logical = readLogical(reader, field);
    else if (id >= 1 && id <= 8) ints[id] = reader.int(field);
    else reader.skip(field);
  });
  const [, physical, width = 0, repetition = REQUIRED, , children = 0, converted, scale = 0, precision = 0] = ints;
  const old = converted === undefined ? undefined : (CONVERTED[converted] ?? { name: `number ${converted}` });
  const annotation = logical ?? (old?.name === 'DECIMAL' ? { name: 'DECIMAL', scale, precision } : old);
  return { name, physical, width, repetition, children, annotation };
}

/** The annotation is the one member of a union; its own members differ from one to the other. */
function readLogical(reader: ThriftReader, type: number): Annotation | undefined {
  let annotation: Annotation | undefined;
  reader.struct(type, (id, field) => {
    const name = LOGICAL.get(id) ?? `number ${id}`;
    if (name === 'DECIMAL') annotation = readDecimal(reader, field);
    else if (name === 'INTEGER') annotation = readInteger(reader, field);
    else if (name === 'TIME' || name === 'TIMESTAMP') annotation = { name, unit: readUnit(reader, field) };
    else {
      annotation = { name };
      reader.skip(field);
    }
  });
  return annotation;
}

function readDecimal(reader: ThriftReader, type: number): Annotation {
  let [scale, precision] = [0, 0];
  reader.struct(type, (id, field) => {
    if (id === 1) scale = reader.int(field);
    else if (id === 2) precision = reader.int(field);
    else reader.skip(field);
  });
  return { name: 'DECIMAL', scale, precision };
}

function readInteger(reader: ThriftReader, type: number): Annotation {
  let bitWidth = 0;
  let signed = true;
  reader.struct(type, (id, field) => {
    if (id === 1) bitWidth = reader.int(field);
    else if (id === 2) signed = reader.bool(field);
    else reader.skip(field);
  });
  return { name: 'INTEGER', bitWidth, signed };
}

/** Whether a time is in UTC is not asked: one without a zone is taken as UTC. */
function readUnit(reader: ThriftReader, type: number): number {
  let unit = 0;
  reader.struct(type, (id, field) => {
    if (id !== 2) return reader.skip(field);
    reader.struct(field, (member, empty) => {
      unit = member;
      reader.skip(empty);
    });
  });
  return unit;
}
