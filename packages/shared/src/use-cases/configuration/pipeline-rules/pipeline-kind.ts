import {
  DEFAULT_CURSOR_OVERLAP_MS,
  type ErrorDetail,
  type PipelineDefinition,
  type TransformationDefinition,
} from '@penstock/domain';
import { type ObjectType, parseSchema } from '@penstock/language';
import type { z } from 'zod';
import type { PipelineSettings } from '../../../repositories/pipelines.js';
import { type Draft, readDraft } from './draft.js';
import { foreignMembers } from './foreign-members.js';
import { readTransformation, type TransformationDraft, toTransformation } from './transformation-draft.js';

/** What a valid request defines. */
export interface DefinedPipeline {
  readonly settings: PipelineSettings;
  readonly definition: PipelineDefinition;
}

/** A request to define a pipeline, as far as it could be read. */
export interface PipelineDraft<M> extends Draft<M> {
  /** Read by parts, also where the kind has none: that is then one of the foreign members. */
  readonly transformation: TransformationDraft;
  /** The workspace's. */
  readonly profileSchema: ObjectType;
}

/** A request that was looked at. */
export interface ReadPipeline {
  readonly violations: readonly ErrorDetail[];
  /** Only without violations. @throws AppError FormatNotExist */
  complete(): DefinedPipeline;
}

/** One kind of pipeline, as those see it who do not know its members. */
export interface PipelineRules {
  /** @param profileSchema JSON of the workspace's. @throws AppError BadRequest when the body is no object */
  read(body: unknown, profileSchema: unknown): ReadPipeline;
}

/** One kind of pipeline: which members define it, and what is particular about it. */
export interface PipelineKindRules<S extends z.ZodObject> {
  /** For messages: `a pipeline that imports users from a database`. */
  readonly what: string;
  /** All members but the transformation. */
  readonly members: S;
  readonly hasTransformation: boolean;
  /** Everything that is wrong besides the forms of the members; of members that could not be read, nothing. */
  violations(draft: PipelineDraft<z.output<S>>): readonly ErrorDetail[];
  /** What is stored, of members without violations. */
  define(members: z.output<S>, transformation: TransformationDefinition): PipelineDefinition;
}

export function pipelineKind<S extends z.ZodObject>(kind: PipelineKindRules<S>): PipelineRules {
  return {
    read: (body, profileSchema) => {
      const draft = readDraft(kind.members, body);
      const transformation = readTransformation((body as { readonly transformation?: unknown }).transformation);
      const found = kind.violations({ ...draft, transformation, profileSchema: parseSchema(profileSchema) });
      return {
        violations: [...draft.violations, ...foreignMembers(body, kind), ...found],
        complete: () => {
          // Without violations every member has been read.
          const members = draft.members as z.output<S>;
          return {
            settings: toSettings(members as SettingsMembers),
            definition: kind.define(members, toTransformation(transformation)),
          };
        },
      };
    },
  };
}

/** Members that do not belong to a version; some kinds do not have all of them. */
interface SettingsMembers {
  readonly name: string;
  readonly enabled: boolean;
  readonly incremental?: boolean;
  readonly cursorOverlapSeconds?: number | null;
  readonly maxRemovedShare?: number | null;
}

function toSettings(members: SettingsMembers): PipelineSettings {
  const { name, enabled, incremental = false, cursorOverlapSeconds, maxRemovedShare = null } = members;
  const cursorOverlapMs = cursorOverlapSeconds == null ? DEFAULT_CURSOR_OVERLAP_MS : cursorOverlapSeconds * 1000;
  return { name, enabled, incremental, cursorOverlapMs, maxRemovedShare };
}
