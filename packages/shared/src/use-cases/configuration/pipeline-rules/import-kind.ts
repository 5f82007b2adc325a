import type { ErrorDetail, FileImportDefinition, PipelineKind } from '@penstock/domain';
import type { ObjectType } from '@penstock/language';
import type { z } from 'zod';
import type { databaseImportMembers, fileImportMembers } from '../../../contracts/pipelines.js';

type Members<S extends z.ZodObject> = Omit<z.output<S>, 'transformation'>;

/** Members of the kinds, but the transformation, which is read by parts. */
export type DatabaseImportMembers = Members<typeof databaseImportMembers>;
export type FileImportMembers = Members<typeof fileImportMembers>;

/** The members that all kinds have. */
export type CommonMembers = Omit<DatabaseImportMembers, 'query'>;

/** What a kind's own rules found. */
export interface KindFindings {
  readonly violations: readonly ErrorDetail[];
  /** Paths of the properties of the input schema that the kind's own members use. */
  readonly usedPaths: readonly string[];
}

/** What a kind adds to the definition that all imports have. */
export type KindDefinition =
  | { readonly kind: 'import-from-database'; readonly query: string; readonly filter: null }
  | Pick<FileImportDefinition, 'kind' | 'format' | 'path' | 'sheet' | 'compression' | 'formatSettings' | 'filter'>;

/** One kind of import: which members define it, and what is particular about it. */
export interface ImportKind<M extends CommonMembers = CommonMembers> {
  readonly kind: PipelineKind;
  /** For messages: `a pipeline that imports users from a database`. */
  readonly what: string;
  /** For messages: `a column of a database`. */
  readonly column: string;
  readonly membersSchema: z.ZodObject;
  /** Whether a record may lack a property of the input schema. */
  readonly allowsReadOptional: boolean;
  /** Whether update times may be serial numbers of spreadsheets. */
  readonly allowsExcelTimes: boolean;
  /** Rules of the members that only this kind has; members that could not be read are absent. */
  ownRules(members: Partial<M>, inSchema: ObjectType | undefined): KindFindings;
  /** What is stored, of members without violations. @throws AppError FormatNotExist */
  define(members: M, inSchema: ObjectType): KindDefinition;
}
