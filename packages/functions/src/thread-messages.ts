/** What the thread of a function reports. `threads/*.mjs` are written to it. */
export type ThreadMessage =
  /** The interpreter is there; the user's source begins to run. */
  | { readonly type: 'booted' }
  /** The source has run; batches are answered now. */
  | { readonly type: 'ready' }
  /** To the oldest batch that is not answered. */
  | { readonly type: 'answer'; readonly answer: string }
  /** The function cannot go on. `message` is for the user and only of FunctionFailed. */
  | { readonly type: 'ended'; readonly code: ThreadEnd; readonly message: string };

export type ThreadEnd = 'FunctionFailed' | 'FunctionTimeout' | 'FunctionOutOfMemory';
