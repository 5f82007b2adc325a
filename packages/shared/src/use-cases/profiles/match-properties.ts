import type { ErrorDetail } from '@penstock/domain';
import { type ObjectType, type Property, sameType, type Type, typeText } from '@penstock/language';
import { propertiesByPath } from '../configuration/pipeline-rules/find-property.js';

/** What became of properties: by path in the new schema the path in the old one, or null for a new property. */
export type RePaths = Readonly<Record<string, string | null>>;

export interface MatchedProperties {
  /** By path of a leaf property in the new schema, the path of the one whose values it keeps. */
  readonly kept: Readonly<Record<string, string>>;
  readonly violations: readonly ErrorDetail[];
}

/**
 * Finds for the properties of a new schema those of the old one that they continue: the one that `rePaths` names, else the one with
 * the same path. Refused are renames that leave their parent, types that change, and what is ambiguous.
 */
export function matchProperties(before: ObjectType, after: ObjectType, rePaths: RePaths): MatchedProperties {
  const matcher = new PropertyMatcher(before, after, new Map(Object.entries(rePaths)));
  matcher.matchAll();
  return { kept: matcher.kept, violations: matcher.violations };
}

/** An object of the old schema, which one of the new schema continues. */
interface Parent {
  readonly path: string;
  readonly type: ObjectType;
}

class PropertyMatcher {
  readonly kept: Record<string, string> = {};
  readonly violations: ErrorDetail[] = [];
  readonly #before: ObjectType;
  readonly #after: ObjectType;
  readonly #old: ReadonlyMap<string, Property>;
  readonly #rePaths: ReadonlyMap<string, string | null>;
  /** By path in the old schema the one in the new schema that is said to continue it. */
  readonly #claimed = new Map<string, string>();

  constructor(before: ObjectType, after: ObjectType, rePaths: ReadonlyMap<string, string | null>) {
    this.#before = before;
    this.#after = after;
    this.#old = propertiesByPath(before);
    this.#rePaths = rePaths;
  }

  matchAll(): void {
    const paths = propertiesByPath(this.#after);
    for (const [path, oldPath] of this.#rePaths) {
      if (!paths.has(path)) this.#refuse(path, 'is not the path of a property in the new schema');
      else if (oldPath !== null) this.#claim(path, oldPath);
    }
    this.#matchObject(this.#after, '', { path: '', type: this.#before });
  }

  #claim(path: string, oldPath: string): void {
    const other = this.#claimed.get(oldPath);
    if (!this.#old.has(oldPath)) this.#refuse(path, `names "${oldPath}", which the profile schema does not have`);
    else if (other !== undefined) this.#refuse(path, `names "${oldPath}", which became "${other}" already`);
    else this.#claimed.set(oldPath, path);
  }

  /** `parent` is undefined for an object that is new with everything in it. */
  #matchObject(object: ObjectType, prefix: string, parent: Parent | undefined): void {
    for (const property of object.properties) {
      const path = prefix + property.name;
      const oldPath = this.#oldPathOf(path, property.name, parent);
      const old = oldPath === undefined ? undefined : this.#old.get(oldPath);
      const type = old?.type;
      if (oldPath !== undefined && type !== undefined) this.#compare(path, property.type, type);
      const continued = oldPath !== undefined && type?.kind === 'object' ? { path: oldPath, type } : undefined;
      if (property.type.kind === 'object') this.#matchObject(property.type, `${path}.`, continued);
      else if (oldPath !== undefined) this.kept[path] = oldPath;
    }
  }

  #oldPathOf(path: string, name: string, parent: Parent | undefined): string | undefined {
    const named = this.#rePaths.get(path);
    if (named === null) return undefined;
    if (named !== undefined) return this.#old.has(named) ? this.#renamed(path, named, parent) : undefined;
    const samePath = parent && below(parent, name);
    if (samePath === undefined || !this.#old.has(samePath)) return undefined;
    const heir = this.#claimed.get(samePath);
    if (heir === undefined) return samePath;
    const message = `is needed: "${samePath}" became "${heir}", so say what "${path}" is now; null makes it a new property`;
    this.#refuse(path, message);
    return undefined;
  }

  #renamed(path: string, oldPath: string, parent: Parent | undefined): string | undefined {
    const home = parent && below(parent, lastName(oldPath));
    if (home === oldPath) return oldPath;
    const message = `names "${oldPath}": a property can be renamed, but not moved to another parent`;
    this.#refuse(path, message);
    return undefined;
  }

  #compare(path: string, type: Type, oldType: Type): void {
    if (type.kind === 'object' && oldType.kind === 'object') return;
    if (sameType(type, oldType)) return;
    const [now, before] = [typeText(type), typeText(oldType)];
    const difference = now === before ? `type ${now} with other parameters` : `type ${before} and not ${now}`;
    const advice = `a type cannot be changed: with rePaths {"${path}": null} it is a new property, and its values are lost`;
    this.violations.push({ path: 'schema', message: `property "${path}" has ${difference}; ${advice}` });
  }

  #refuse(path: string, message: string): void {
    this.violations.push({ path: `rePaths[${JSON.stringify(path)}]`, message });
  }
}

function below({ path }: Parent, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
