/** The languages of transformation functions. */
export const FUNCTION_LANGUAGES = ['JavaScript', 'Python'] as const;

export type FunctionLanguage = (typeof FUNCTION_LANGUAGES)[number];

/** A transformation function as a pipeline defines it: `transform(record)` in a language, what it reads and what it writes. */
export interface FunctionDefinition {
  readonly language: FunctionLanguage;
  readonly source: string;
  /** Whether values of kind json are handed over as their raw text. */
  readonly preserveJSON: boolean;
  readonly inPaths: readonly string[];
  readonly outPaths: readonly string[];
}

/** What the records that a transformation makes are for; decides which properties it must give. */
export type Purpose = 'Import' | 'Create' | 'Update';
