import { type Assertion, type CharTest, PatternError, type PatternNode } from './pattern-node.js';

/** One state of the automaton of a pattern; `next` and `other` are positions of states. */
export type Instruction =
  | { op: 'match' }
  | { op: 'char'; test: CharTest; next: number }
  | { op: 'assert'; assertion: Assertion; next: number }
  | { op: 'split'; next: number; other: number };

export interface PatternProgram {
  readonly instructions: readonly Instruction[];
  readonly start: number;
}

/** Repeats of repeats multiply; a pattern that needs more states than this is refused. */
const MAX_INSTRUCTIONS = 10_000;

/** Repeats of nothing need no states but still time. */
const MAX_STEPS = 100_000;

/** Turns a syntax tree into a non-deterministic automaton. Throws {@link PatternError} when it would be too large. */
export function compileProgram(node: PatternNode): PatternProgram {
  const builder = new ProgramBuilder();
  const start = builder.add(node, builder.push({ op: 'match' }));
  return { instructions: builder.instructions, start };
}

/** Builds from the end: each part is told which state comes after it, and tells which is its first. */
class ProgramBuilder {
  readonly instructions: Instruction[] = [];
  #steps = 0;

  push(instruction: Instruction): number {
    if (this.instructions.length >= MAX_INSTRUCTIONS) throw new PatternError('expression is too large');
    return this.instructions.push(instruction) - 1;
  }

  add(node: PatternNode, next: number): number {
    if (++this.#steps > MAX_STEPS) throw new PatternError('expression is too large');
    switch (node.op) {
      case 'empty':
        return next;
      case 'char':
        return this.push({ op: 'char', test: node.test, next });
      case 'assert':
        return this.push({ op: 'assert', assertion: node.assertion, next });
      case 'sequence':
        return node.nodes.reduceRight((after, part) => this.add(part, after), next);
      case 'choice':
        return node.nodes
          .map((branch) => this.add(branch, next))
          .reduceRight((other, branch) => this.push({ op: 'split', next: branch, other }));
      case 'repeat':
        return this.#addRepeat(node.node, node.minimum, this.#addOptional(node, next));
    }
  }

  #addRepeat(node: PatternNode, count: number, next: number): number {
    let entry = next;
    for (let index = 0; index < count; index++) entry = this.add(node, entry);
    return entry;
  }

  /** The part of a repeat that may be left out: a loop, or copies of which each can jump to the end. */
  #addOptional(repeat: PatternNode & { op: 'repeat' }, next: number): number {
    if (repeat.maximum === Infinity) {
      const loop: Instruction = { op: 'split', next, other: next };
      const entry = this.push(loop);
      loop.next = this.add(repeat.node, entry);
      return entry;
    }
    let entry = next;
    for (let index = repeat.minimum; index < repeat.maximum; index++) {
      entry = this.push({ op: 'split', next: this.add(repeat.node, entry), other: next });
    }
    return entry;
  }
}
