import { AppError } from '@penstock/domain';
import type { FunctionLanguage } from '@penstock/language';
import type { FunctionLimits, FunctionSandboxes } from './function-sandboxes.js';
import { ThreadSandbox } from './thread-sandbox.js';

export interface FunctionSandboxesOptions {
  /** The languages that are switched on. */
  readonly languages: readonly FunctionLanguage[];
  readonly limits: FunctionLimits;
}

/** The programs of the threads, in packages/functions/threads, which lies beside src and dist alike. */
const THREADS: Readonly<Partial<Record<FunctionLanguage, URL>>> = {
  JavaScript: new URL('../threads/javascript-thread.mjs', import.meta.url),
  Python: new URL('../threads/python-thread.mjs', import.meta.url),
};

/** Makes the sandboxes of an installation. Each that is opened has a thread and an interpreter of its own until it is closed. */
export function createFunctionSandboxes({ languages, limits }: FunctionSandboxesOptions): FunctionSandboxes {
  return {
    languages,
    open(program) {
      const { language } = program;
      const thread = languages.includes(language) ? THREADS[language] : undefined;
      if (thread === undefined) {
        const message = `transformation functions in ${language} are not available on this installation`;
        throw new AppError('UnsupportedLanguage', { message });
      }
      return new ThreadSandbox(thread, program, limits);
    },
  };
}
