import type { ApplicationExportDefinition, DatabaseExportDefinition, ExportDefinition } from '@penstock/domain';
import {
  type Conversion,
  compileConversion,
  type Filter,
  leafProperties,
  type ObjectType,
  type Property,
  parseFilter,
  parseSchema,
  propertyAt,
} from '@penstock/language';
import { alignProfile } from './drift.js';
import { asDefined, compiledOf, compileTransformation, type Transformation } from './transformation.js';

/** The pipeline's own half of an export, which needs neither warehouse nor destination. */
export interface ExportBlueprint {
  readonly inSchema: ObjectType;
  /** Which profiles are exported; null exports all. */
  readonly filter: Filter | null;
}

export interface TableBlueprint extends ExportBlueprint {
  readonly outSchema: ObjectType;
  readonly transformation: Transformation;
  /** Position of the key among the out paths. */
  readonly keyPosition: number;
  /** Path of the property whose different values become different keys; null where that is not certain. */
  readonly keyPath: string | null;
}

export interface ApplicationBlueprint extends ExportBlueprint {
  readonly outSchema: ObjectType;
  /** What users are created with, and what they are updated with: other properties are required. */
  readonly create: Transformation;
  readonly update: Transformation;
  readonly matching: MatchingBlueprint;
}

/** How the matching property of a profile becomes that of a user. */
export interface MatchingBlueprint {
  /** Names that lead to the in property. */
  readonly path: readonly string[];
  readonly outPath: string;
  readonly out: Property;
  readonly convert: Conversion;
}

/**
 * Compiles what all exports have.
 * @throws StepError SchemaDrift when the profile schema does not have what the pipeline reads; InvalidDefinition when this version does
 *   not accept the definition any more.
 */
export function exportBlueprint(definition: ExportDefinition, profileSchema: ObjectType): ExportBlueprint {
  const blueprint = asDefined(() => {
    const { filter } = definition;
    const inSchema = parseSchema(definition.inSchema);
    return { inSchema, filter: filter === null ? null : parseFilter(filter, inSchema, 'export') };
  });
  alignProfile(blueprint.inSchema, profileSchema);
  return blueprint;
}

/** Compiles an export to a table: every column that is written must have a value where the table requires one. */
export function tableBlueprint(definition: DatabaseExportDefinition, profileSchema: ObjectType): TableBlueprint {
  const common = exportBlueprint(definition, profileSchema);
  return asDefined(() => {
    const outSchema = parseSchema(definition.outSchema);
    const { properties } = outSchema;
    const required = properties.map((property) => ({
      ...property,
      // A profile without a key fails for that, and not for what its column requires.
      createRequired: property.name !== definition.tableKey,
    }));
    const scope = {
      inSchema: common.inSchema,
      outSchema: { ...outSchema, properties: required },
      purpose: 'Create',
    } as const;
    const transformation = compileTransformation(definition.transformation, scope);
    const keyPosition = compiledOf(transformation).outPaths.indexOf(definition.tableKey);
    return { ...common, outSchema, transformation, keyPosition, keyPath: keyPathOf(definition, common.inSchema) };
  });
}

/** Kinds of a property and of a key that is a copy of it, where different values stay different. */
const TELLING_APART: readonly (readonly [from: string, to: string])[] = [
  ...[['string', 'string'] as const, ['int', 'int'] as const, ['uuid', 'uuid'] as const],
  ...[['int', 'string'] as const, ['uuid', 'string'] as const],
];

/** The path of the property that the key is a copy of. */
function keyPathOf(
  { transformation, tableKey, outSchema }: DatabaseExportDefinition,
  inSchema: ObjectType,
): string | null {
  const expression = 'mapping' in transformation ? transformation.mapping[tableKey]?.trim() : undefined;
  const property = expression === undefined ? undefined : propertyAtOrNone(inSchema, expression);
  const key = propertyAtOrNone(parseSchema(outSchema), tableKey);
  const isTold = TELLING_APART.some(([from, to]) => property?.type.kind === from && key?.type.kind === to);
  return isTold && expression !== undefined ? expression : null;
}

function propertyAtOrNone(schema: ObjectType, path: string): Property | undefined {
  return leafProperties(schema).find((leaf) => leaf.path === path)?.property;
}

/** Compiles an export to an application. */
export function applicationBlueprint(
  definition: ApplicationExportDefinition,
  profileSchema: ObjectType,
): ApplicationBlueprint {
  const common = exportBlueprint(definition, profileSchema);
  const { inSchema } = common;
  return asDefined(() => {
    const outSchema = parseSchema(definition.outSchema);
    const scope = { inSchema, outSchema };
    const { matching, transformation } = definition;
    const out = propertyAt(outSchema, matching.out);
    return {
      ...common,
      outSchema,
      create: compileTransformation(transformation, { ...scope, purpose: 'Create' }),
      update: compileTransformation(transformation, { ...scope, purpose: 'Update' }),
      matching: {
        path: matching.in.split('.'),
        outPath: matching.out,
        out,
        convert: compileConversion(propertyAt(inSchema, matching.in).type, out.type, {
          expression: matching.in,
          outPath: matching.out,
          nullable: false,
        }),
      },
    };
  });
}
