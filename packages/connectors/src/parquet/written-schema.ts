import type { LeafAnnotation, LeafEncoding } from './leaf-encoding.js';
import { OPTIONAL, REPEATED } from './schema-element.js';
import { ThriftWriter } from './thrift-writer.js';

/** A group of the schema; without `isRepeated` it is optional. */
export interface WrittenGroup {
  readonly children: number;
  readonly annotation?: LeafAnnotation;
  readonly isRepeated?: boolean;
}

/** The element that all columns are in. */
export function rootElement(columns: number): Buffer {
  return ThriftWriter.encode((element) => {
    element.text(4, 'schema');
    element.int32(5, columns);
  });
}

/** The names are those of the group and of what it is in. */
export function groupElement(names: readonly string[], { children, annotation, isRepeated }: WrittenGroup): Buffer {
  return ThriftWriter.encode((element) => {
    element.int32(3, isRepeated === true ? REPEATED : OPTIONAL);
    element.text(4, names.at(-1) ?? '');
    element.int32(5, children);
    annotate(element, annotation);
  });
}

/** An optional element with values. */
export function leafElement(names: readonly string[], { physical, width, annotation }: LeafEncoding): Buffer {
  return ThriftWriter.encode((element) => {
    element.int32(1, physical);
    if (width !== undefined) element.int32(2, width);
    element.int32(3, OPTIONAL);
    element.text(4, names.at(-1) ?? '');
    annotate(element, annotation);
  });
}

function annotate(element: ThriftWriter, annotation: LeafAnnotation | undefined): void {
  if (annotation === undefined) return;
  const { converted, scale, precision, logical, members } = annotation;
  if (converted !== undefined) element.int32(6, converted);
  if (scale !== undefined) element.int32(7, scale);
  if (precision !== undefined) element.int32(8, precision);
  element.struct(10, (union) => union.struct(logical, (struct) => members?.(struct)));
}
