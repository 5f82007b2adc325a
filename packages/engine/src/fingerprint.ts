import { hash } from 'node:crypto';
import { type Property, typeToJson, type Value } from '@penstock/language';
import { compiledOf, type Transformation } from './transformation.js';

const NULL = '\0';
const END = '\x1f';

/**
 * What tells whether a record that is sent is the one that was accepted: a hash of where it goes and of its values by position of the out paths, which
 * have one type each from record to record. Two that differ are as good as never taken for one another (SHA-256).
 */
export type Fingerprint = (values: readonly Value[]) => string;

/** The same values under other names, or somewhere else, are another record: `where` is what tells that, beside the out properties. */
export function compileFingerprint(transformation: Transformation, where: readonly string[]): Fingerprint {
  const { outPaths, outProperties } = compiledOf(transformation);
  const properties = outPaths.map((path, index) => [path, ...described(outProperties[index])]);
  const salt = hash('sha256', JSON.stringify([where, properties]), 'base64');
  return (values) => {
    let text = salt;
    for (const value of values) text += textOf(value) + END;
    return hash('sha256', text, 'base64');
  };
}

function described(property: Property | undefined): readonly unknown[] {
  return property === undefined ? [] : [typeToJson(property.type), property.nullable === true];
}

/** A text may have the characters that separate values: its length tells where it ends. */
function textOf(value: Value): string {
  if (typeof value === 'string') return `${value.length}:${value}`;
  if (value === null || value === undefined) return NULL;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
