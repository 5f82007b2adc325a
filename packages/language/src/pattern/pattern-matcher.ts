import type { Assertion } from './pattern-node.js';
import type { PatternProgram } from './pattern-program.js';

/** What stands beside a position, as far as assertions want to know. */
type Neighbour = 'edge' | 'newline' | 'word' | 'other';

/** A set of automaton states reached before a position, with the steps from it that were taken so far. */
interface MatchState {
  readonly positions: readonly number[];
  readonly before: Neighbour;
  readonly ascii: (MatchState | undefined)[];
  readonly others: Map<number, MatchState>;
  matchesAtEnd: boolean | undefined;
}

/** Beyond these sizes what was remembered is forgotten, so that no text can fill the memory. */
const MAX_STATES = 500;
const MAX_OTHERS = 500;

const newState = (positions: readonly number[], before: Neighbour): MatchState => ({
  positions,
  before,
  ascii: [],
  others: new Map(),
  matchesAtEnd: undefined,
});

const MATCHED = newState([], 'edge');

/**
 * Runs all ways through the automaton at once, so that the time is linear in the length of the text, and remembers each set of
 * states that it has seen with the steps between them: text like that seen before costs one look-up a character.
 */
export class PatternMatcher {
  readonly #program: PatternProgram;
  readonly #start: MatchState;
  readonly #visited: Uint32Array;
  #visit = 0;
  #states = new Map<string, MatchState>();

  constructor(program: PatternProgram) {
    this.#program = program;
    this.#start = newState([program.start], 'edge');
    this.#visited = new Uint32Array(program.instructions.length);
  }

  /** Whether the pattern matches anywhere in the text. */
  matches(text: string): boolean {
    let state = this.#start;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      const codePoint = unit < 0xd800 ? unit : (text.codePointAt(index) ?? unit);
      if (codePoint > 0xffff) index++;
      const next = codePoint < 128 ? state.ascii[codePoint] : state.others.get(codePoint);
      state = next ?? this.#step(state, codePoint);
      if (state === MATCHED) return true;
    }
    state.matchesAtEnd ??= this.#closure(state, 'edge') === undefined;
    return state.matchesAtEnd;
  }

  #step(state: MatchState, codePoint: number): MatchState {
    const next = this.#compute(state, codePoint);
    if (codePoint < 128) {
      if (state.ascii.length === 0) state.ascii.length = 128;
      state.ascii[codePoint] = next;
    } else if (state.others.size < MAX_OTHERS) {
      state.others.set(codePoint, next);
    }
    return next;
  }

  #compute(state: MatchState, codePoint: number): MatchState {
    const kind = neighbourOf(codePoint);
    const reached = this.#closure(state, kind);
    if (reached === undefined) return MATCHED;
    const positions = new Set([this.#program.start]);
    for (const position of reached) {
      const instruction = this.#program.instructions[position];
      if (instruction?.op === 'char' && instruction.test(codePoint)) positions.add(instruction.next);
    }
    return this.#intern(
      [...positions].sort((a, b) => a - b),
      kind,
    );
  }

  #intern(positions: readonly number[], before: Neighbour): MatchState {
    const key = `${before} ${positions.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size >= MAX_STATES) this.#forget();
    const state = newState(positions, before);
    this.#states.set(key, state);
    return state;
  }

  /** States that are forgotten must not be reached through others any more, or they would all stay in memory. */
  #forget(): void {
    for (const state of [this.#start, ...this.#states.values()]) {
      state.ascii.length = 0;
      state.others.clear();
    }
    this.#states = new Map();
  }

  /** The states that wait for a character after all steps without one were taken; undefined when one of them matches. */
  #closure(state: MatchState, after: Neighbour): readonly number[] | undefined {
    this.#visit++;
    const reached: number[] = [];
    const pending = [...state.positions];
    for (let position = pending.pop(); position !== undefined; position = pending.pop()) {
      if (this.#visited[position] === this.#visit) continue;
      this.#visited[position] = this.#visit;
      const instruction = this.#program.instructions[position];
      if (instruction === undefined || instruction.op === 'match') return undefined;
      if (instruction.op === 'char') reached.push(position);
      else if (instruction.op === 'split') pending.push(instruction.next, instruction.other);
      else if (holds(instruction.assertion, state.before, after)) pending.push(instruction.next);
    }
    return reached;
  }
}

function neighbourOf(codePoint: number): Neighbour {
  if (codePoint === 10) return 'newline';
  const isWord =
    (codePoint >= 48 && codePoint <= 57) ||
    (codePoint >= 65 && codePoint <= 90) ||
    (codePoint >= 97 && codePoint <= 122) ||
    codePoint === 95;
  return isWord ? 'word' : 'other';
}

function holds(assertion: Assertion, before: Neighbour, after: Neighbour): boolean {
  switch (assertion) {
    case 'textStart':
      return before === 'edge';
    case 'textEnd':
      return after === 'edge';
    case 'lineStart':
      return before === 'edge' || before === 'newline';
    case 'lineEnd':
      return after === 'edge' || after === 'newline';
    case 'wordBoundary':
      return (before === 'word') !== (after === 'word');
    case 'notWordBoundary':
      return (before === 'word') === (after === 'word');
  }
}
